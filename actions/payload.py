"""The one shape in which actions answer: ``{"ventanilla": {...}}`` as a custom message, read by bot/conversation."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from bot.core.messages import Button, Candidate, Handoff, Provenance, Source

KEY = "ventanilla"


@dataclass(frozen=True)
class Payload:
    """One message of an action. ``text`` is Markdown; ``candidates`` are what the buttons offer, for the next turn;
    ``asks`` is the entry that waits for the citizen to say who they are; ``referral`` is the id of the matter that
    somebody else sees to; ``missed`` marks a turn that had nothing to say.
    """

    text: str = ""
    buttons: tuple[Button, ...] = ()
    source: Source | None = None
    provenance: Provenance | None = None
    handoff: Handoff | None = None
    candidates: tuple[Candidate, ...] = ()
    asks: Candidate | None = None
    referral: str = ""
    missed: bool = False

    def to_message(self) -> dict[str, Any]:
        """The JSON for ``dispatcher.utter_message(json_message=...)``; empty parts are left out."""
        parts: dict[str, Any] = {
            "text": self.text,
            "buttons": [{"title": button.title, "payload": button.payload} for button in self.buttons],
            "source": asdict(self.source) if self.source else None,
            "provenance": self.provenance.to_data() if self.provenance else None,
            "handoff": asdict(self.handoff) if self.handoff else None,
            "candidates": [asdict(candidate) for candidate in self.candidates],
            "asks": asdict(self.asks) if self.asks else None,
            "referral": self.referral,
            "missed": self.missed,
        }
        return {KEY: {name: part for name, part in parts.items() if part}}
