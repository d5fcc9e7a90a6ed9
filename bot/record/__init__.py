"""Keeps the record in PostgreSQL, with its tables, recorder, recovery and retention."""
