"""What the dialogue about a call-back has asked so far: kept with the conversation between two messages."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from datetime import time
from enum import StrEnum

from bot.agency.schedule import WHOLE_DAY, Span
from bot.handoff.callbacks.contact import ContactKind

AFTERNOON_FROM = time(14, 0)


class Step(StrEnum):
    """What was asked last."""

    CONSENT = "consent"
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
    """``team`` is asked to call; ``failures`` counts answers in a row that were not understood; the contact is sealed
    and there only after the citizen consented, ``shown`` is what may be seen of it."""

    team: str
    step: Step = Step.CONSENT
    failures: int = 0
    kind: ContactKind | None = None
    encrypted: str = ""
    shown: str = ""
    consented_at: int = 0

    def to_json(self) -> str:
        return json.dumps(asdict(self))

    @classmethod
    def from_json(cls, text: str) -> Form | None:
        """The form, or None when there is none."""
        if not text:
            return None
        raw = json.loads(text)
        kind = ContactKind(raw["kind"]) if raw["kind"] else None
        return cls(**(raw | {"step": Step(raw["step"]), "kind": kind}))
