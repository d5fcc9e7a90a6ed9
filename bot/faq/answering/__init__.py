"""Decides how to respond to a message: answer with an entry, clarify, refer, or hand off to a person."""
