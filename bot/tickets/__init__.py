"""Keeps tickets in Redis: queues, transitions, presence, waits, pending approvals, outbox."""
