"""Measures the answers of an FAQ with messages whose right answer is known (docs/evaluation.md)."""
