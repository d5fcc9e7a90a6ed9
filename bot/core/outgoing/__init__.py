"""Limits and lists the places to which the bot connects."""
