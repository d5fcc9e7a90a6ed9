"""Asks citizens to rate a support session, and whether an answer helped."""
