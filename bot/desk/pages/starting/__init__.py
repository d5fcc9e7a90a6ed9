"""Serves the page on which a new agency begins: what the agency itself still lacks, and ready-made entries to adapt."""
