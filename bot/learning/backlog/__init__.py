"""Builds the editors' backlog: collects the questions that no entry answered well, and groups them by meaning."""
