"""Commits each publication to the Git repository that contains the FAQ folder, if FAQ_COMMITS is set."""
