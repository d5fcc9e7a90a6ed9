"""Marks utterances that are repeated, belong to another entry too, or describe a danger; groups them by kind."""
