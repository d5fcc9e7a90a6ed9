"""What the citizen said of themselves when asked: with a button, in the words of one, or with a yes or a no.

Read from the tracker's events (tracker.py), oldest first; only those of the current session count. Called by context.py
and answer_faq.py; the question is asked by audience.py.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass

from actions.tracker import TrackerEvent, TrackerKind
from bot.core.payload import Payload
from bot.text.normalize import plain

MAX_WORDS = 6
"""Longer messages are questions of their own, even when they name an option."""
NO = "no"


@dataclass(frozen=True)
class UserAttribute:
    """``value`` is empty when they rather did not say; ``entry`` is the id of the entry that waited for it."""

    dimension: str
    value: str
    entry: str


@dataclass(frozen=True)
class _Option:
    title: str
    user_attributes: UserAttribute


def known(events: Sequence[TrackerEvent]) -> dict[str, str]:
    """What was said in this session, by dimension; the last word counts. Empty for what was asked in vain, so that
    nobody is asked twice.
    """
    return dict.fromkeys(_asked(events), "") | {one.dimension: one.value for one in _each(events) if one}


def _asked(events: Sequence[TrackerEvent]) -> list[str]:
    """The dimensions that the assistant asked for in this session."""
    began = max((place for place, event in enumerate(events) if event.kind is TrackerKind.SESSION_STARTED), default=0)
    said = (event.payload for event in events[began:] if event.kind is TrackerKind.BOT)
    return [option.user_attributes.dimension for payload in said for option in _options(payload)]


def newest(events: Sequence[TrackerEvent]) -> UserAttribute | None:
    """What the citizen's newest message says of them, None when it is about something else."""
    return next(iter(reversed(_each(events))), None)


def _each(events: Sequence[TrackerEvent]) -> list[UserAttribute | None]:
    """The same for each of the citizen's messages."""
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
    """What the buttons of a question on who the citizen is say."""
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
    real = [option.user_attributes for option in offered if option.user_attributes.value]
    named = [
        option.user_attributes
        for option in offered
        if option.user_attributes.value and NO not in words and _names(words, option)
    ]
    if len(named) == 1:
        return named[0]
    if event.intent == "deny":
        return next((option.user_attributes for option in offered if not option.user_attributes.value), None)
    return real[0] if event.intent == "affirm" and len(real) == 1 else None


def _names(words: Sequence[str], option: _Option) -> bool:
    """Whether the words hold the option's title or value as whole words."""
    said = f" {' '.join(words)} "
    return any(f" {plain(name)} " in said for name in (option.title, option.user_attributes.value.replace("_", "-")))
