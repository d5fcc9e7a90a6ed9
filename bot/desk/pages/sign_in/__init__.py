"""Serves the pages for signing in besides the first one: a new password, the second factor, the identity provider."""
