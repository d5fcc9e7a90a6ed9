"""Stores conversations: inbox, event log, state, addresses, files, live events, ratings, blocks."""
