"""Serves the staff's desk: HTML pages, JSON API and sign-in."""
