"""Divides the conversations of the record into episodes, counts their messages per day, and fills the tables."""
