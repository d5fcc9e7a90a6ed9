"""Serves the page where administrators edit the agency's own facts, which are in agency.yml."""
