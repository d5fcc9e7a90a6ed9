"""Defines the JSON of the custom message ``{"ventanilla": {...}}`` with which an action answers through Rasa."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from bot.core.messages import (
    Button,
    Candidate,
    Handoff,
    HandoffReason,
    Priority,
    Provenance,
    RecognizedDanger,
    Reply,
    Source,
)

KEY = "ventanilla"


@dataclass(frozen=True)
class Payload:
    """One message that an action sends through Rasa."""

    text: str = ""  # Markdown
    buttons: tuple[Button, ...] = ()
    source: Source | None = None
    provenance: Provenance | None = None
    handoff: Handoff | None = None
    candidates: tuple[Candidate, ...] = ()  # the entries offered as buttons; the next turn needs them
    asks: Candidate | None = None  # the entry that will be answered once the citizen names their audience segment
    referral: str = ""  # id of the out-of-scope topic, if the message refers the citizen elsewhere
    missed: bool = False  # the turn was a fallback
    denied: bool = False  # the citizen said that the answer before was not what they asked
    explained: bool = False  # the text says what each of the candidates is about
    above: bool = False  # the text only refers to the answer above, to which the next message may still refer
    quotes: tuple[str, ...] = ()  # as in Reply
    # Dimension -> value that the citizen stated about themselves.
    known: Mapping[str, str] = field(default_factory=dict)
    danger: RecognizedDanger | None = None  # the danger for which the text gives an emergency number
    fold_after: int = 0  # as in Reply
    title: str = ""  # as in Reply

    def to_data(self) -> dict[str, Any]:
        """Returns the JSON for ``dispatcher.utter_message(json_message=...)``; empty fields are omitted."""
        parts: dict[str, Any] = {
            "text": self.text,
            "buttons": [{"title": button.title, "payload": button.payload} for button in self.buttons],
            "source": self.source.to_data() if self.source else None,
            "provenance": self.provenance.to_data() if self.provenance else None,
            "handoff": asdict(self.handoff) if self.handoff else None,
            "candidates": [candidate.to_data() for candidate in self.candidates],
            "asks": self.asks.to_data() if self.asks else None,
            "referral": self.referral,
            "missed": self.missed,
            "denied": self.denied,
            "explained": self.explained,
            "above": self.above,
            "quotes": list(self.quotes),
            "known": dict(self.known),
            "danger": self.danger.to_data() if self.danger else None,
            "fold_after": self.fold_after,
            "title": self.title,
        }
        return {KEY: {name: part for name, part in parts.items() if part}}

    @classmethod
    def from_data(cls, custom: Mapping[str, Any]) -> Payload:
        """Parses a custom message; the payload is empty if the message lacks KEY.

        Raises AttributeError, KeyError, TypeError or ValueError if a field is invalid.
        """
        parts = custom.get(KEY) or {}
        source, proof, asks, handoff = (parts.get(name) for name in ("source", "provenance", "asks", "handoff"))
        danger = parts.get("danger")
        return cls(
            text=_text(parts.get("text") or ""),
            buttons=tuple(Button(one["title"], one["payload"]) for one in parts.get("buttons") or ()),
            source=Source.from_data(source) if source else None,
            provenance=Provenance.from_data(proof) if proof else None,
            handoff=_handoff(handoff) if handoff else None,
            candidates=_candidates(parts),
            asks=Candidate.from_data(asks) if asks else None,
            referral=parts.get("referral") or "",
            missed=bool(parts.get("missed")),
            denied=bool(parts.get("denied")),
            explained=bool(parts.get("explained")),
            above=bool(parts.get("above")),
            quotes=tuple(parts.get("quotes") or ()),
            known=parts.get("known") or {},
            danger=RecognizedDanger.from_data(danger) if danger else None,
            fold_after=int(parts.get("fold_after") or 0),
            title=_text(parts.get("title") or ""),
        )

    @property
    def reply(self) -> Reply | None:
        """Returns the message to the citizen; None if the payload has no text."""
        if not self.text:
            return None
        return Reply(
            self.text,
            self.buttons,
            self.source,
            self.provenance,
            referral=self.referral,
            danger=self.danger,
            fold_after=self.fold_after,
            title=self.title,
            offered=self.candidates,
            quotes=self.quotes,
        )


def not_understood(said: Sequence[Payload]) -> bool:
    """Returns whether the replies to a message are only a fallback, or a handoff for want of an answer."""
    known = any(one.asks or one.candidates or one.referral or one.provenance or one.danger for one in said)
    unsure = any(one.handoff and one.handoff.reason is HandoffReason.LOW_CONFIDENCE for one in said)
    return not known and (unsure or any(one.missed for one in said))


def _text(text: object) -> str:
    if not isinstance(text, str):
        raise TypeError(type(text).__name__)
    return text


def _handoff(raw: Mapping[str, Any]) -> Handoff:
    return Handoff(
        reason=HandoffReason(raw["reason"]),
        priority=Priority(raw.get("priority") or Priority.NORMAL),
        team=raw.get("team") or "",
        candidates=_candidates(raw),
    )


def _candidates(raw: Mapping[str, Any]) -> tuple[Candidate, ...]:
    return tuple(Candidate.from_data(one) for one in raw.get("candidates") or ())
