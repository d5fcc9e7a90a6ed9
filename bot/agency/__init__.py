"""Reads and validates agency.yml, the configuration of an agency, and composes the first files of a new agency."""
