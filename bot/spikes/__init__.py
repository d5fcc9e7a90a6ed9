"""Spikes: notices when many more citizens than usual write, in all, about one topic or without an answer."""
