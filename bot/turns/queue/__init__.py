"""Decides what a citizen reads who enters the queue of a team, and while they wait in it."""
