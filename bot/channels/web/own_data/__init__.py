"""Shows citizens the data kept about their own conversation, and builds the changing parts of the privacy notice."""
