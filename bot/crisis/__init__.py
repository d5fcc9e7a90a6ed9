"""Recognizes emergencies, cries for help and animals in danger, by the phrases of phrases.yml and of the agency."""
