"""Normalizes Spanish as people type it, and recognises other languages."""
