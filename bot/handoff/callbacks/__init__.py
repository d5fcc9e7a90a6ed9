"""Arranges call-backs: the dialogue with the citizen, the contact, the notices about it."""
