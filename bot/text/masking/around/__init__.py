"""Judges what the masking found by the words around it: drops what is no personal data, and widens the rest."""
