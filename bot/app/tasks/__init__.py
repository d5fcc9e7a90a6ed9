"""Builds the background tasks of a bot process from its services."""
