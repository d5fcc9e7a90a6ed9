"""Turns an answer's Markdown into what a channel shows."""
