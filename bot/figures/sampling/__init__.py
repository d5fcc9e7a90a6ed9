"""Handles the weekly blind sample of answers: drawing, verdicts, error estimates, proposals of more caution."""
