"""Recognizes dangers in messages that the answerer does not see."""
