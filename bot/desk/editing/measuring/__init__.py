"""Measures the effect of changes on the answers before publication, and stops those that would lose test messages."""
