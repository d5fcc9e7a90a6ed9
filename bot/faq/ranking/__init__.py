"""Ranks entries for a message and estimates the probability that each answers it."""
