"""Compares texts of an entry: two texts word by word, and the versions of two editors part by part."""
