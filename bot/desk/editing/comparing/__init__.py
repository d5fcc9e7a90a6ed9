"""Compares the texts of an entry: word by word, and the versions that two people made of it."""
