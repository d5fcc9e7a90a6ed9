"""Serves the page «Para empezar» for a new agency: what it still lacks, and ready-made entries to adapt."""
