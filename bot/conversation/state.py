"""How a conversation stands, as Redis keeps it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field

from bot.agency.desk_settings import COMMUNE
from bot.core.messages import Button, Channel, CitizenMessage, Speaker


@dataclass(frozen=True)
class ConversationState:
    """Whose turn it is, the open ticket, the buttons last offered, when the citizen last wrote (ms), whether they
    refused what is sent unasked, how far the dialogue about a call-back is, where answers are sent (sealed); ``known``:
    their language, the commune of the place they last shared, and what they said of themselves; ``resumed``: a person
    attended them since the assistant last answered, about that entry or '' for none, ``resumed_summary``: what that
    person summed up; ``approval``: the answer that waits for a person's OK; ``callback``: the ticket of the call they
    asked for; ``wrote_spanish``: they wrote in another language, and lately Spanish."""

    exists: bool
    channel: Channel | None
    speaker: Speaker
    ticket: str | None
    welcomed: bool
    buttons: tuple[Button, ...]
    noticed_at: int
    inbound_at: int = 0
    notices_off: bool = False
    form: str = ""
    address: str = ""
    known: Mapping[str, str] = field(default_factory=dict)
    resumed: str | None = None
    resumed_summary: str = ""
    approval: str = ""
    callback: str = ""
    wrote_spanish: bool = False
    seen_by_staff_at: int = 0
    """When a person last spoke here, or read what came (ms): what was accepted before was theirs to answer."""
    answered_by_staff_at: int = 0
    """When a person last spoke here (ms)."""

    def belongs_to_staff(self, message: CitizenMessage) -> bool:
        """Whether a person speaks here, or had the message before them when they did and did not hand it back: a
        worker that was dead meanwhile must not have the assistant answer it again."""
        if self.speaker is Speaker.STAFF:
            return True
        return not message.handed_back and 0 < message.at <= self.seen_by_staff_at


def state_from(raw: dict[str, str], notices_off: bool) -> ConversationState:
    """An older release kept the commune in a field of its own."""
    return ConversationState(
        exists=bool(raw),
        channel=Channel(raw["channel"]) if "channel" in raw else None,
        speaker=Speaker(raw.get("speaker", Speaker.ASSISTANT)),
        ticket=raw.get("ticket"),
        welcomed=raw.get("welcomed") == "1",
        buttons=tuple(Button(**one) for one in json.loads(raw.get("buttons", "[]"))),
        noticed_at=int(raw.get("noticed_at", 0)),
        inbound_at=int(float(raw.get("inbound_at", 0))),
        notices_off=notices_off,
        form=raw.get("form", ""),
        address=raw.get("address", ""),
        known=({COMMUNE: raw["comuna"]} if "comuna" in raw else {}) | json.loads(raw.get("known", "{}")),
        resumed=raw.get("resumed"),
        resumed_summary=raw.get("resumed_summary", ""),
        approval=raw.get("proposal", ""),
        callback=raw.get("callback", ""),
        wrote_spanish=raw.get("wrote_spanish") == "1",
        seen_by_staff_at=max(_moment(raw.get("replied_staff")), _moment(raw.get("read_staff"))),
        answered_by_staff_at=_moment(raw.get("replied_staff")),
    )


def _moment(event_id: str | None) -> int:
    """When an event came into its feed, ms; 0 without one."""
    return int((event_id or "0").partition("-")[0])
