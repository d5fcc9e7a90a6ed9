"""Keeps the record in PostgreSQL: tables, recorder, recovery and retention."""
