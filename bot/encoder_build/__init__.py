"""Builds the default encoder from downloaded weights and an adapter; the running processes never import it."""
