"""Draws a weekly blind sample of answers, stores the verdicts, estimates errors and proposes more cautious answers."""
