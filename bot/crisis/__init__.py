"""Recognizes emergencies by phrases, and reads the example sentences for the danger classifier."""
