"""Brings the database to the shape that the code expects, one version after the other."""
