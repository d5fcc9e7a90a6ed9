"""Recognizes emergencies in messages by the phrases of patterns.yml."""
