"""Arranges call-backs: conducts the dialogue with the citizen, parses the contact and sends notices."""
