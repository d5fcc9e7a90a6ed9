"""Backs up everything that cannot be regenerated into one encrypted file, and restores it."""
