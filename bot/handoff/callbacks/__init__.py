"""Arranges call-backs: holds the dialogue with the citizen, parses the contact and sends notices."""
