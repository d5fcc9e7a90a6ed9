"""Manages public notices in a crisis: drafts, publication, broadcasts, packs (prepared notices), reports."""
