"""Measures how well an FAQ is answered on messages whose right answer is known (docs/evaluation.md)."""
