"""Keeps the figures of each day, so that pages add up days instead of reading all episodes."""
