"""Builds the default encoder from downloaded weights and an adapter; the services of the system never import it."""
