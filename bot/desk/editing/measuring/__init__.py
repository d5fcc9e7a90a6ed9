"""Measures the effect of changes on the answers before publication, and stops those that would lose test messages.

A test message or an utterance is lost if the change makes its right answer a wrong one, or none.
"""
