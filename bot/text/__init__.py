"""Normalizes Spanish as people type it, recognizes other languages, and escapes text for Markdown."""
