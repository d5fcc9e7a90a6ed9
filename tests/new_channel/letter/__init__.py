"""The channel of letters by post."""
