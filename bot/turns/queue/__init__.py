"""Decides the replies to a citizen who enters a team's queue or waits in it."""
