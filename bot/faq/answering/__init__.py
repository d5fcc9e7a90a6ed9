"""Decides on a message: answer with an entry, ask the citizen back, or hand over to a person."""
