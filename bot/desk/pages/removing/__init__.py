"""Removes messages that were sent by mistake: for who attends at the desk, and on a page for roles that may."""
