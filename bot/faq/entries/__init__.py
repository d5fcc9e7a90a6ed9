"""Reads, checks and writes entries: header, body and audience."""
