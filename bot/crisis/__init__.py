"""Recognises emergencies by phrases and by similar sentences."""
