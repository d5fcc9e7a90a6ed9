"""Ranks the entries for a message, and estimates for each entry the probability that it answers the message."""
