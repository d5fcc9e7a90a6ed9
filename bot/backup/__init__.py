"""Backs up everything that cannot be made again into one encrypted file, and restores it."""
