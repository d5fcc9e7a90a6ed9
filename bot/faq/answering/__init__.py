"""Answers a message: chooses an entry, a question back, or nobody."""
