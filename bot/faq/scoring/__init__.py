"""Scores messages against classes of texts: by a ridge regression, by content terms, and without the common mean."""
