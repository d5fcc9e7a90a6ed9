"""Reads answers to the question about the audience: a clicked button, its title or value as text, or yes or no.

``events`` are the tracker's (tracker.py), oldest first; only events of the current session count. audience.py asks the
question.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass

from actions.tracker import TrackerEvent, TrackerKind
from bot.core.payload import Payload
from bot.text.normalize import plain

MAX_WORDS = 6  # a longer message is a new question, even if it names an option
NO = "no"


@dataclass(frozen=True)
class UserAttribute:
    """An answer about the audience; ``value`` is '' if the citizen declined to state it.

    ``entry`` is the id of the entry whose answer depends on the audience.
    """

    dimension: str
    value: str
    entry: str


@dataclass(frozen=True)
class _Option:
    title: str
    attribute: UserAttribute


def known(events: Sequence[TrackerEvent]) -> dict[str, str]:
    """Returns the latest value of each dimension in this session.

    A dimension that the assistant asked about without getting an answer has the value '', so that it asks only once.
    """
    return dict.fromkeys(_asked(events), "") | {one.dimension: one.value for one in _each(events) if one}


def _asked(events: Sequence[TrackerEvent]) -> list[str]:
    """Returns the dimensions that the assistant asked about in this session."""
    start = max((index for index, event in enumerate(events) if event.kind is TrackerKind.SESSION_STARTED), default=0)
    said = (event.payload for event in events[start:] if event.kind is TrackerKind.BOT)
    return [option.attribute.dimension for payload in said for option in _options(payload)]


def newest(events: Sequence[TrackerEvent]) -> UserAttribute | None:
    """Returns the attribute that the citizen's newest message states; None if it states none."""
    return next(iter(reversed(_each(events))), None)


def _each(events: Sequence[TrackerEvent]) -> list[UserAttribute | None]:
    """Returns, for each of the citizen's messages in this session, the attribute that it states, or None."""
    found: list[UserAttribute | None] = []
    offered: list[_Option] = []
    for event in events:
        match event.kind:
            case TrackerKind.SESSION_STARTED:
                found, offered = [], []
            case TrackerKind.BOT:
                offered = _options(event.payload) or offered
            case TrackerKind.USER:
                found.append(_clicked(event) or _in_words(event, offered))
                offered = []
    return found


def _options(payload: Payload) -> list[_Option]:
    """Returns the options of a question about the audience; [] for any other payload."""
    if not payload.asks:
        return []
    carried = [(one.title, json.loads("{" + one.payload.partition("{")[2])) for one in payload.buttons]
    return [_Option(title, UserAttribute(**values)) for title, values in carried]


def _clicked(event: TrackerEvent) -> UserAttribute | None:
    carried = event.entities
    if not carried.get("dimension"):
        return None
    return UserAttribute(carried["dimension"], carried.get("value", ""), carried.get("entry", ""))


def _in_words(event: TrackerEvent, offered: Sequence[_Option]) -> UserAttribute | None:
    words = plain(event.text).split()
    if not offered or len(words) > MAX_WORDS:
        return None
    real = [option.attribute for option in offered if option.attribute.value]
    named = [
        option.attribute for option in offered if option.attribute.value and NO not in words and _names(words, option)
    ]
    if len(named) == 1:
        return named[0]
    if event.intent == "deny":
        return next((option.attribute for option in offered if not option.attribute.value), None)
    return real[0] if event.intent == "affirm" and len(real) == 1 else None


def _names(words: Sequence[str], option: _Option) -> bool:
    """Returns whether the words contain the option's title or value as whole words."""
    said = f" {' '.join(words)} "
    return any(f" {plain(name)} " in said for name in (option.title, option.attribute.value.replace("_", "-")))
