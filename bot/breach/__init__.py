"""Saves the facts of a data breach in a folder, and fills in the reports that the law requires."""
