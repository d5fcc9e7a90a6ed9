"""Reads and writes one entry: front matter, fields, body, audience."""
