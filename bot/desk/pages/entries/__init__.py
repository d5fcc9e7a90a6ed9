"""Serves the editors' pages: the list of entries, and a page for each entry."""
