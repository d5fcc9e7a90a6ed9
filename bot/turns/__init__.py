"""Answers citizens' messages: leases a conversation, decides a turn and commits it."""
