"""Encrypts and decrypts what citizens and staff wrote; each conversation has its own key."""
