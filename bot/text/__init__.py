"""Normalizes Spanish, recognizes languages, phrases and complaints, masks personal data, and translates notices."""
