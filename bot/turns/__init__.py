"""Answers what citizens write: leases a conversation, decides a turn and commits it."""
