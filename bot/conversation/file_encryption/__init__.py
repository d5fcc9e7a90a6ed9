"""Encrypts stored files with a random key per folder; the master keys of transcripts wrap these keys."""
