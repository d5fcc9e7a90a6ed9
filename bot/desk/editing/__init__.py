"""Keeps the drafts, revisions and approvals of entries in PostgreSQL, and publishes them as files."""
