"""Encrypts what citizens and staff wrote with a key for each conversation, and decrypts it."""
