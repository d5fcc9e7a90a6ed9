"""Divides the conversations of the record into episodes, and fills their table."""
