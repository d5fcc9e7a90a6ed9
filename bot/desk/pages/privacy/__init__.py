"""Serves the pages of the role privacidad: the register of requests about personal data, and the masking to try."""
