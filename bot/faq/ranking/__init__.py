"""Ranks entries for a message and says how surely each answers it."""
