"""Advises editors on plain language, sentence by sentence; it never prevents publishing."""
