"""Measures how changes of entries would affect the answers, and stops harmful changes.

A change is stopped if it would lose test messages or utterances. A test message or an utterance is lost if, after the
change, it gets a wrong answer or none instead of the right one.
"""
