"""Computes a channel's reply window: the time after the citizen's last message in which any text may be sent.

WhatsApp's window is 24 hours; messages sent later fail with Twilio's error 63016. ``inbound_at`` is when the citizen
last wrote, in ms since 1970; 0 if never.
"""

from __future__ import annotations

from pydantic import ConfigDict, Field
from pydantic.dataclasses import dataclass

HOUR_MS = 3600 * 1000
MARGIN_MS = 60 * 1000  # a message sent in the last minute may arrive too late
REMIND_BEFORE_MS = HOUR_MS


@dataclass(frozen=True, config=ConfigDict(extra="forbid"))
class ReplyWindow:
    """The reply window of one channel.

    With ``template``, an approved template may still be sent after the window has closed.
    """

    hours: int = Field(gt=0)
    template: bool = False

    @property
    def free_ms(self) -> int:
        """Returns how long after the citizen's last message any text may be sent, in ms: the window minus MARGIN_MS."""
        return self.hours * HOUR_MS - MARGIN_MS

    def closes_at(self, inbound_at: int) -> int:
        """Returns when the window closes, in ms since 1970; 0 if the citizen never wrote."""
        return inbound_at + self.hours * HOUR_MS if inbound_at else 0

    def last_call_at(self, inbound_at: int) -> int:
        """Returns the latest time at which any text may be sent, in ms since 1970: MARGIN_MS before the window closes.

        Returns 0 if the citizen never wrote.
        """
        return inbound_at + self.free_ms if inbound_at else 0

    def is_open(self, inbound_at: int, now_ms: int) -> bool:
        """Returns whether any text may be sent at ``now_ms``, that is, more than MARGIN_MS is left.

        Returns False if the citizen never wrote.
        """
        return now_ms < self.last_call_at(inbound_at)

    def is_closing(self, inbound_at: int, now_ms: int) -> bool:
        """Returns whether the window is open and closes within an hour."""
        return self.is_open(inbound_at, now_ms) and now_ms >= self.closes_at(inbound_at) - REMIND_BEFORE_MS
