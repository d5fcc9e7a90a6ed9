"""Measures how changes of entries would affect the answers, and stops changes that would lose test messages.

A test message or an utterance is lost if, after the change, it gets a wrong answer or none instead of the right one.
"""
