"""Defines the form that holds the call-back dialogue's state; it is stored with the conversation between messages."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from datetime import time
from enum import StrEnum

from bot.agency.schedule import WHOLE_DAY, Span
from bot.handoff.callbacks.contact import ContactKind

AFTERNOON_FROM = time(14, 0)


class Step(StrEnum):
    """The question that the dialogue asked last."""

    CONSENT = "consent"
    MATTER = "matter"
    CONTACT = "contact"
    WINDOW = "window"


class Window(StrEnum):
    """The part of the day in which the citizen prefers to be called."""

    MORNING = "morning"
    AFTERNOON = "afternoon"
    ANY = "any"

    @property
    def span(self) -> Span:
        return {
            Window.MORNING: Span(time.min, AFTERNOON_FROM),
            Window.AFTERNOON: Span(AFTERNOON_FROM, time.max),
            Window.ANY: WHOLE_DAY,
        }[self]


@dataclass(frozen=True)
class Form:
    """The citizen's answers so far.

    ``team`` makes the call. ``failures`` counts consecutive unreadable answers. ``encrypted`` is the contact, stored
    only after consent (``consented_at``, ms since 1970); ``shown`` is the masked contact, ``contact_id`` the id of the
    message that gave it.
    """

    team: str
    step: Step = Step.CONSENT
    failures: int = 0
    kind: ContactKind | None = None
    encrypted: str = ""
    shown: str = ""
    consented_at: int = 0
    contact_id: str = ""

    def to_json(self) -> str:
        return json.dumps(asdict(self))

    @classmethod
    def from_json(cls, text: str) -> Form | None:
        """Parses a stored form; returns None for an empty text."""
        if not text:
            return None
        raw = json.loads(text)
        kind = ContactKind(raw["kind"]) if raw["kind"] else None
        return cls(**(raw | {"step": Step(raw["step"]), "kind": kind}))
