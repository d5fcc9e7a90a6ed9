"""Fax: paper in, paper out."""
