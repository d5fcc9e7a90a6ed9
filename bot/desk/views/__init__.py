"""Turns tickets and events into what the desk shows."""
