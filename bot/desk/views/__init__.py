"""Formats tickets, events, notices and audit rows for the desk: as JSON, Spanish texts and lines of CSV files."""
