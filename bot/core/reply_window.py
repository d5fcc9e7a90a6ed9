"""The 24-hour window: WhatsApp lets us write freely only within a day of the citizen's last message (error 63016).

Called by whatsapp.py before it sends, whatsapp_reminder.py and the desk. ``inbound_at`` is ConversationState's.
"""

from __future__ import annotations

WINDOW_MS = 24 * 3600 * 1000
MARGIN_MS = 60 * 1000  # what is sent in the last minute may arrive too late
FREE_MS = WINDOW_MS - MARGIN_MS
REMIND_BEFORE_MS = 3600 * 1000


def closes_at(inbound_at: int) -> int:
    """When the window closes, in ms since 1970; 0 when the citizen never wrote."""
    return inbound_at + WINDOW_MS if inbound_at else 0


def last_call_at(inbound_at: int) -> int:
    """Until when what is sent still counts as an answer, in ms since 1970; 0 when the citizen never wrote."""
    return inbound_at + FREE_MS if inbound_at else 0


def is_open(inbound_at: int, now_ms: int) -> bool:
    """Whether what is sent now still counts as an answer."""
    return now_ms < last_call_at(inbound_at)


def is_closing(inbound_at: int, now_ms: int) -> bool:
    """Whether it is open and closes within the hour."""
    return is_open(inbound_at, now_ms) and now_ms >= closes_at(inbound_at) - REMIND_BEFORE_MS
