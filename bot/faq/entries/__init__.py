"""Reads, checks and writes FAQ entries: their header, body, phrases and audience."""
