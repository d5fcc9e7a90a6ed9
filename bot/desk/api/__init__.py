"""Serves the desk's JSON API and its live events."""
