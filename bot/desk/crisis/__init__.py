"""Drafts, publishes and ends public notices, starts broadcasts, reads templates, and compiles the report on a crisis.
"""
