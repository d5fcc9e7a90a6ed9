"""Trains Rasa: writes the examples from the FAQ and keeps the models."""
