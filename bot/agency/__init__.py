"""Reads agency.yml: names, hours, teams, routing, audience segments, territory."""
