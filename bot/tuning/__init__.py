"""Tunes the encoder to the way citizens write: trains the adapter, and compares adapters."""
