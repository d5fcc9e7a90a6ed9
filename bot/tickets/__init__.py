"""Keeps tickets in Redis, with queues, transitions, agents' presence, waits, pending approvals and outboxes."""
