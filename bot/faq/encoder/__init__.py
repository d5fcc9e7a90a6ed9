"""Embeds texts with the encoder, locates its folder, and caches the vectors."""
