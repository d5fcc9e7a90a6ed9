"""Blocks conversations of those who abuse the chat, and lifts the blocks."""
