"""Shows citizens the data that is kept of their own conversation."""
