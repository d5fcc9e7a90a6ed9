"""Detects spikes: far more citizens than usual who write, who write about one topic, or who get no answer."""
