"""Recognises emergencies by phrases and by sentences like them."""
