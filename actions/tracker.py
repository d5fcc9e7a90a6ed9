"""Converts the conversation so far into events: the exchanges that the bot sends with a message, and the message.

The bot stores the exchanges (bot/conversation/dialogue.py). Rasa's own tracker is read only if Rasa runs without the
bot.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from rasa_sdk import Tracker

from bot.conversation.dialogue import Exchange
from bot.core.payload import Payload

PARSED = "parsed_events"  # an attribute of the tracker


class TrackerKind(StrEnum):
    """Rasa's names for the kinds of events used here; any other kind becomes OTHER."""

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
    """An event of the tracker.

    A reply has a ``payload``, empty for plain text. A citizen's message has ``text``, ``intent`` and ``entities`` (of a
    button). Its ``resumed`` is None unless an agent attended the citizen just before; then it is the id of the entry
    that the agent sent, or ''.
    """

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


def events_of(tracker: Tracker) -> tuple[TrackerEvent, ...]:
    """Returns the events that the citizen's newest message may refer to, oldest first, followed by that message.

    They are parsed once and kept in the tracker, since several steps of a request read them.
    """
    kept = vars(tracker)
    if PARSED not in kept:
        kept[PARSED] = _parsed(tracker)
    events: tuple[TrackerEvent, ...] = kept[PARSED]
    return events


def _parsed(tracker: Tracker) -> tuple[TrackerEvent, ...]:
    message = tracker.latest_message or {}
    exchanges = (message.get("metadata") or {}).get("dialogue")
    if exchanges is None:
        return read_events(tracker.events)
    newest = TrackerEvent.from_data({"event": TrackerKind.USER, "parse_data": message, **message})
    return (*(event for one in exchanges for event in _events_of(Exchange.from_data(one))), newest)


def _events_of(exchange: Exchange) -> tuple[TrackerEvent, ...]:
    """Returns the citizen's message and its replies; the message's entities are the user attributes that it states.

    The message's text is '' unless it is the question that the last entry answered.
    """
    told = next(({"dimension": name, "value": value} for name, value in exchange.known.items()), {})
    message = TrackerEvent(TrackerKind.USER, exchange.words, entities=told, resumed=exchange.resumed)
    return (message, *(TrackerEvent(TrackerKind.BOT, payload=one) for one in exchange.said))


def read_events(events: Sequence[Mapping[str, Any]]) -> tuple[TrackerEvent, ...]:
    """Parses the tracker's events and keeps their order, oldest first."""
    return tuple(TrackerEvent.from_data(event) for event in events)


def values(entities: Sequence[Mapping[str, Any]] | None) -> dict[str, str]:
    """Maps the name of each entity in a button's message to its value."""
    return {str(one.get("entity")): str(one.get("value") or "") for one in entities or ()}


def _payload(custom: Mapping[str, Any]) -> Payload:
    """Parses a payload; returns an empty payload if another release wrote it, so that it cannot be read."""
    try:
        return Payload.from_data(custom)
    except (AttributeError, KeyError, TypeError, ValueError):
        return Payload()
