"""Rasa's training: examples from the FAQ, models."""
