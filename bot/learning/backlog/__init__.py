"""Builds the editors' backlog: collects questions that no entry answered well, groups them, and stores decisions."""
