"""Removes messages that were sent by mistake: at the desk for the attending agent, and on a page by permission."""
