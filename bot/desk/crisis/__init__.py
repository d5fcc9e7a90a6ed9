"""Manages public notices in a crisis: drafts, publication, broadcasts, packs (prepared notices), drills, reports.

Also reads and closes spike alarms.
"""
