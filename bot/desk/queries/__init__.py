"""Reads and writes the data of the desk's pages in PostgreSQL."""
