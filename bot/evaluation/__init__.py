"""Measures how well an FAQ is answered, with messages whose right answer is known (docs/evaluation.md)."""
