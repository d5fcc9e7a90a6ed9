"""Serves the page of call-back requests."""
