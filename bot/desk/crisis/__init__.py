"""Drafts, publishes and ends public notices, starts broadcasts, reads packs, and compiles the report on a crisis."""
