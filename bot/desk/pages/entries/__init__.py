"""Serves the pages of entries: list, entry, effect, tests, given answers, export, and approval by a unit."""
