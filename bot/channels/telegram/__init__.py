"""Receives updates from Telegram's Bot API and sends messages through it."""
