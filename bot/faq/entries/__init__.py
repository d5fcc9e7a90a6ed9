"""Reads, checks and writes FAQ entries: their header, body and audience."""
