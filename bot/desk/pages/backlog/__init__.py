"""Serves the editors' backlog: what citizens asked and nobody had written, to be decided with one key each."""
