"""Turns texts into vectors: the model, its folder and the cache of vectors."""
