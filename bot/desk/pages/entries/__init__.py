"""Serves the pages of entries: list, entry, effect, tests, given answers, import, export, and approval by a unit."""
