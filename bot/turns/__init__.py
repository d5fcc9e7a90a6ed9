"""Answers what citizens write: leases a conversation, decides a turn, commits it."""
