"""Computes WhatsApp's 24-hour window: after the citizen's last message we may write freely for a day.

Later messages fail with Twilio's error 63016. ``inbound_at`` is when the citizen last wrote, in ms since 1970.
"""

from __future__ import annotations

WINDOW_MS = 24 * 3600 * 1000
MARGIN_MS = 60 * 1000  # a message sent in the last minute may arrive too late
FREE_MS = WINDOW_MS - MARGIN_MS
REMIND_BEFORE_MS = 3600 * 1000


def closes_at(inbound_at: int) -> int:
    """Returns when the window closes, in ms since 1970; 0 if the citizen never wrote."""
    return inbound_at + WINDOW_MS if inbound_at else 0


def last_call_at(inbound_at: int) -> int:
    """Returns the last moment at which we may send, in ms since 1970; 0 if the citizen never wrote."""
    return inbound_at + FREE_MS if inbound_at else 0


def is_open(inbound_at: int, now_ms: int) -> bool:
    """Tells whether we may send now: the window is open, with a minute's margin."""
    return now_ms < last_call_at(inbound_at)


def is_closing(inbound_at: int, now_ms: int) -> bool:
    """Tells whether the window is open and closes within the hour."""
    return is_open(inbound_at, now_ms) and now_ms >= closes_at(inbound_at) - REMIND_BEFORE_MS
