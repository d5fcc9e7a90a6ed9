"""Serves the list of complaints with its forms, photos and CSV file."""
