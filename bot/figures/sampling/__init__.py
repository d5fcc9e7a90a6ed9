"""Draws a weekly blind sample of answers, stores the verdicts, estimates the errors and proposes to answer more
cautiously.
"""
