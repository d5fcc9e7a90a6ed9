"""Serves the editors' backlog: groups of questions without a good answer; an editor decides each by one keystroke."""
