"""Keeps tickets in Redis, with queues, agents' presence, waits, pending approvals, outboxes and notices to staff."""
