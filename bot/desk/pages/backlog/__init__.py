"""Serves the editors' backlog: groups of questions without a good answer, each decided with one key."""
