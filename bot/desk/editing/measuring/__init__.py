"""Measures how changes of entries would affect the answers, and stops changes that would lose test messages.

A test message or an utterance is lost if the change makes its right answer a wrong one, or none.
"""
