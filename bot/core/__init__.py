"""Defines the data classes, errors, settings and texts that every package may use. Imports no other package of bot."""
