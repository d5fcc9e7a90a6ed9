"""Turns a spreadsheet of questions into entries."""
