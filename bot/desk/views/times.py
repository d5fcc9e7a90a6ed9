"""Formats times for the desk."""

from __future__ import annotations

from datetime import datetime, tzinfo


def day_and_hour(at: datetime, zone: tzinfo) -> str:
    """Formats a time, in the time zone ``zone``, such as ``30-11-2026 15:04``."""
    return f"{at.astimezone(zone):%d-%m-%Y %H:%M}"
