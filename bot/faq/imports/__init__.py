"""Converts a spreadsheet of questions into FAQ entries."""
