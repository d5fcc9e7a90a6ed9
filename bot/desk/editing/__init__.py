"""Stores the drafts, revisions and approvals of entries in PostgreSQL, and publishes entries as files."""
