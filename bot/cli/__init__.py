"""The command ``ventanilla``."""
