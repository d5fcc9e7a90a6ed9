"""Normalizes Spanish as people type it, recognizes other languages, masks personal data, and escapes Markdown."""
