"""Shows citizens the data that is kept about their own conversation."""
