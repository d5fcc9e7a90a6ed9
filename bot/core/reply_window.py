"""Computes a channel's reply window: how long after the citizen's last message we may write freely.

WhatsApp's is 24 hours; later messages fail with Twilio's error 63016. ``inbound_at`` is when the citizen last wrote, in
ms since 1970.
"""

from __future__ import annotations

from pydantic import ConfigDict, Field
from pydantic.dataclasses import dataclass

HOUR_MS = 3600 * 1000
MARGIN_MS = 60 * 1000  # a message sent in the last minute may arrive too late
REMIND_BEFORE_MS = HOUR_MS


@dataclass(frozen=True, config=ConfigDict(extra="forbid"))
class ReplyWindow:
    """The reply window of one channel; if ``template`` is set, an approved template may be sent once it has closed."""

    hours: int = Field(gt=0)
    template: bool = False

    @property
    def free_ms(self) -> int:
        """Returns how many ms after the citizen's last message we may still write freely, less a minute's margin."""
        return self.hours * HOUR_MS - MARGIN_MS

    def closes_at(self, inbound_at: int) -> int:
        """Returns when the window closes, in ms since 1970; 0 if the citizen never wrote."""
        return inbound_at + self.hours * HOUR_MS if inbound_at else 0

    def last_call_at(self, inbound_at: int) -> int:
        """Returns the last moment at which we may write freely, in ms since 1970; 0 if the citizen never wrote."""
        return inbound_at + self.free_ms if inbound_at else 0

    def is_open(self, inbound_at: int, now_ms: int) -> bool:
        """Tells whether we may write freely now: the window closes more than a minute from now."""
        return now_ms < self.last_call_at(inbound_at)

    def is_closing(self, inbound_at: int, now_ms: int) -> bool:
        """Tells whether the window is open and closes within the hour."""
        return self.is_open(inbound_at, now_ms) and now_ms >= self.closes_at(inbound_at) - REMIND_BEFORE_MS
