"""Reads the clock in the unit of events and tickets."""

from __future__ import annotations

import time


def now_ms() -> int:
    """Returns the current time in ms since 1970."""
    return int(time.time() * 1000)
