"""The events of Rasa's tracker as the actions read them: what the citizen wrote, and what we said to it.

Called by history.py and told.py; reads back what the actions wrote (bot/core/payload.py) and the metadata of
bot/turns/rasa_client.py.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from bot.core.payload import Payload


class TrackerKind(StrEnum):
    """What Rasa calls the events that matter here; every other is OTHER."""

    SESSION_STARTED = "session_started"
    USER = "user"
    BOT = "bot"
    REWIND = "rewind"
    OTHER = "other"

    @classmethod
    def _missing_(cls, value: object) -> TrackerKind:
        return cls.OTHER


@dataclass(frozen=True)
class TrackerEvent:
    """``payload`` of what we said is empty for a plain text; of the citizen's message: its ``text``, ``intent``, what a
    button carried by name (``entities``), and ``resumed``: the entry of the person who had attended just before, ''
    when it was none, None when nobody had."""

    kind: TrackerKind
    text: str = ""
    payload: Payload = field(default_factory=Payload)
    intent: str = ""
    entities: Mapping[str, str] = field(default_factory=dict)
    resumed: str | None = None

    @classmethod
    def from_data(cls, event: Mapping[str, Any]) -> TrackerEvent:
        parsed = event.get("parse_data") or {}
        return cls(
            kind=TrackerKind(str(event.get("event"))),
            text=str(event.get("text") or ""),
            payload=_payload((event.get("data") or {}).get("custom") or {}),
            intent=str((parsed.get("intent") or {}).get("name") or ""),
            entities=values(parsed.get("entities")),
            resumed=(event.get("metadata") or {}).get("resumed"),
        )


def read_events(events: Sequence[Mapping[str, Any]]) -> tuple[TrackerEvent, ...]:
    """The tracker's events, oldest first, as Rasa sends them."""
    return tuple(TrackerEvent.from_data(event) for event in events)


def values(entities: Sequence[Mapping[str, Any]] | None) -> dict[str, str]:
    """What a button carried: the value of each entity of its message."""
    return {str(one.get("entity")): str(one.get("value") or "") for one in entities or ()}


def _payload(custom: Mapping[str, Any]) -> Payload:
    """Empty for what an older or later release said and this one cannot read."""
    try:
        return Payload.from_data(custom)
    except (AttributeError, KeyError, TypeError, ValueError):
        return Payload()
