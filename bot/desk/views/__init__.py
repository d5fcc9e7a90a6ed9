"""Converts tickets and events into the JSON that the desk shows."""
