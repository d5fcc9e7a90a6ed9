"""Stores the drafts, revisions and approvals of entries, and publishes entries as files.

Also records edits on the disk, measures the effect of changes, imports and repairs files, notifies staff, and commits
to Git.
"""
