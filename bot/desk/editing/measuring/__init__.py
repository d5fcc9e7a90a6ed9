"""Measures what changes do to the answers before they go live, and stops those that would lose test messages."""
