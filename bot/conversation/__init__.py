"""What is said in one conversation: inbox, event log, files, addresses."""
