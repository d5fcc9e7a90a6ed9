"""Defines the command ``ventanilla``."""
