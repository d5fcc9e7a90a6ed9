"""Commits what is published to the Git repository that holds the FAQ folder, if FAQ_COMMITS is set."""
