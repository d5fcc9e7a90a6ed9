"""Embeds texts: the model, its folder and the cache of vectors."""
