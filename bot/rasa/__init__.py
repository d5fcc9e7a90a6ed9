"""Trains Rasa: writes its training examples from the FAQ, and manages its models."""
