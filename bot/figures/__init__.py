"""Computes the figures of the service: episodes, counts, hidden small counts, monthly publications, a weekly sample."""
