"""Serves the privacy pages: the requests about personal data, the legal holds, and a form to try the masking."""
