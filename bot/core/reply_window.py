"""The reply window: how long after the citizen's last message a channel lets us write freely.

WhatsApp's is a day (error 63016). Called by the channel before it sends, its reminder, the desk and the scripts of
bot/store. ``inbound_at`` is ConversationState's.
"""

from __future__ import annotations

from pydantic import ConfigDict, Field
from pydantic.dataclasses import dataclass

HOUR_MS = 3600 * 1000
MARGIN_MS = 60 * 1000  # what is sent in the last minute may arrive too late
REMIND_BEFORE_MS = HOUR_MS


@dataclass(frozen=True, config=ConfigDict(extra="forbid"))
class ReplyWindow:
    """It lasts ``hours``; ``template``: after it the provider lets out what an approved template says."""

    hours: int = Field(gt=0)
    template: bool = False

    @property
    def free_ms(self) -> int:
        """How long what is sent still counts as an answer."""
        return self.hours * HOUR_MS - MARGIN_MS

    def closes_at(self, inbound_at: int) -> int:
        """When the window closes, in ms since 1970; 0 when the citizen never wrote."""
        return inbound_at + self.hours * HOUR_MS if inbound_at else 0

    def last_call_at(self, inbound_at: int) -> int:
        """Until when what is sent still counts as an answer, in ms since 1970; 0 when the citizen never wrote."""
        return inbound_at + self.free_ms if inbound_at else 0

    def is_open(self, inbound_at: int, now_ms: int) -> bool:
        """Whether what is sent now still counts as an answer."""
        return now_ms < self.last_call_at(inbound_at)

    def is_closing(self, inbound_at: int, now_ms: int) -> bool:
        """Whether it is open and closes within the hour."""
        return self.is_open(inbound_at, now_ms) and now_ms >= self.closes_at(inbound_at) - REMIND_BEFORE_MS
