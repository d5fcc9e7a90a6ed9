"""Advises editors on plain language, sentence by sentence; the advice never prevents publishing."""
