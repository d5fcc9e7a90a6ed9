"""Embeds texts with the encoder, locates the encoder's folder, and caches the vectors."""
