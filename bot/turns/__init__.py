"""Answers what citizens write: takes a conversation, decides a turn, commits it."""
