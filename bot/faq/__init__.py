"""Reads, checks and publishes the FAQ, and answers messages from it."""
