"""Serves the desk's HTML pages."""
