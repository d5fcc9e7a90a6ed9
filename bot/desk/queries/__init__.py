"""Reads the record for the desk."""
