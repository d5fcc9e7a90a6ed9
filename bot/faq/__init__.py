"""Imports, checks and publishes the FAQ, advises editors on clear answers, and answers messages from the FAQ."""
