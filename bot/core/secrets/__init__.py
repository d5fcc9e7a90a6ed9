"""Keeps the secrets of an installation, and encrypts and signs with keys derived from them."""
