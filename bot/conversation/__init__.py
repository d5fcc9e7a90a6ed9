"""Keeps one conversation: inbox, event log, state, addresses, files, live events, ratings."""
