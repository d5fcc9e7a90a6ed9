"""Contains a channel that exists only in tests, and the program that checks it."""
