"""Detects spikes: times at which far more citizens than usual write, write about one topic, or get no answer."""
