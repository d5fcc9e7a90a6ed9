"""Normalizes Spanish as people type it, and recognizes other languages."""
