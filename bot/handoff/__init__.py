"""Hands conversations to people: queue, hours, notices, approvals."""
