"""Learns from what citizens do with the assistant's answers and choices."""
