"""Serves the desk's JSON API, its live events, and the files of conversations."""
