"""Serves the privacy pages: the register of requests about personal data, and a form to try the masking."""
