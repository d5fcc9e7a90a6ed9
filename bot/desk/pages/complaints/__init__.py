"""Serves the pages of complaints: their list with its forms, photos and CSV file."""
