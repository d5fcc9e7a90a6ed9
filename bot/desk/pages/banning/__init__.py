"""Blocks the conversations of citizens who abuse the chat, and lifts the blocks."""
