"""Removes messages that were sent by mistake: the attending agent does so at the desk, other staff on a page."""
