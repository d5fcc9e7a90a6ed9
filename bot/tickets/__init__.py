"""Tickets and queues in Redis: open, claim, move, close; what is yet to be sent."""
