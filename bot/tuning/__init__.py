"""Tunes the encoder to how citizens write: trains the adapter and measures it."""
