"""Counts reply windows and messages on channels that have such windows, such as WhatsApp, and their cost."""
