"""Counts reply windows and what was sent on channels that have them, such as WhatsApp, and what it costs."""
