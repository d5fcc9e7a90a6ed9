"""Defines the errors that several packages use, a module for each subject."""
