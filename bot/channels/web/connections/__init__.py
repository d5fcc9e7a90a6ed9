"""Limits the open connections of the web chat, and the frames of a socket."""
