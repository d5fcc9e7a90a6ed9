"""Counts the open connections of the web chat."""
