"""Shows, exports and erases what is kept of one conversation, everywhere."""
