"""Defines the shapes, errors, settings and texts that every package may use; imports no other package."""
