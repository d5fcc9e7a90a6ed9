"""Defines the command-line interface ``ventanilla``."""
