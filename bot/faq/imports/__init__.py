"""Converts spreadsheets, other files of questions and ready-made entries into FAQ entries, and HTML into Markdown."""
