"""Turns texts into vectors: the loaded model, where it lives, the memory of what was embedded."""
