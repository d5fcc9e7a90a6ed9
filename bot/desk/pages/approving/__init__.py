"""Serves the page on which a second person reads and approves several entries together."""
