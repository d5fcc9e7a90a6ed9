"""Reads and writes in PostgreSQL what the desk's pages show."""
