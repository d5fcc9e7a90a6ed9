"""Learns from citizens' reactions to the assistant's answers and offers."""
