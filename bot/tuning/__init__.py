"""Tunes the encoder to how citizens speak: makes the adapter and measures it."""
