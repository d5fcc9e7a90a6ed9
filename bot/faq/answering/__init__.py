"""Decides how to respond to a message: answer, clarify, refer, recognize chitchat, or hand off to a person."""
