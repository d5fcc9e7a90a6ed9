"""Normalizes Spanish as people type it, recognises other languages, and writes words as Markdown."""
