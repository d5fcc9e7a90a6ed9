"""Reads from the record what a recovery of Redis restores beside the transcripts: choices and a ticket's fields."""
