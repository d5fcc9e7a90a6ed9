"""Serves the editors' pages: the list of entries, a page for each entry, and import and export."""
