"""Converts Markdown and plain text into the markup of each channel."""
