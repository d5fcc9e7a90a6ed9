"""Measures how well an FAQ answers messages for which the right answer is known (docs/evaluation.md)."""
