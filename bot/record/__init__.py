"""The record in PostgreSQL: tables, recorder, recovery, retention."""
