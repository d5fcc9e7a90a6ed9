"""Migrates the database schema, one version after the other."""
