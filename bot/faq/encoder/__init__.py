"""Turns texts into vectors: the model, its build, the adapter, the cache."""
