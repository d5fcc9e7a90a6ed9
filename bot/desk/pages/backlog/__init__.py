"""Serves the editors' backlog, where one keystroke decides on a group of messages, and a decision can be undone."""
