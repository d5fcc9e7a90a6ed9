"""Converts spreadsheets and other files of questions into FAQ entries, and pasted HTML into Markdown."""
