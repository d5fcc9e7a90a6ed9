"""Migrates the database schema, one version after another."""
