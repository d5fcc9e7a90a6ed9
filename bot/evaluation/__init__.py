"""Measures how well an FAQ answers messages whose right answer is known (docs/evaluation.md)."""
