"""Computes the figures of the service: episodes, definitions, counts, and suppression of small counts."""
