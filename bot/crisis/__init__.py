"""Recognizes emergencies by phrases and by similarity to known sentences."""
