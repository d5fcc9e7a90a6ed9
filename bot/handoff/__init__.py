"""Hands conversations over to people, with queues, service hours, notices and approvals."""
