"""Encrypts stored files with a random key for each folder, which the master keys of transcripts wrap."""
