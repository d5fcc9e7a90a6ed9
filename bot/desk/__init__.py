"""Serves the staff's desk: pages, JSON API, sign-in."""
