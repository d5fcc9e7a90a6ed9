"""Hands conversations over to people: queues, service hours, notices, approvals, call-backs, complaints, alarms."""
