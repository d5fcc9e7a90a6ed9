"""What an event carries besides its words, a dataclass for each family of kinds; events.py says which kind has which.

The JSON of Redis and of the record has just these names (json_fields.py). What cannot be read raises KeyError,
TypeError or ValueError.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Self

from bot.core.json_fields import JsonFields, SparseFields, known_of
from bot.core.messages import Attachment, Candidate, CitizenMessage, Place, Provenance, Reply, Source

_OLDEST_PROOF = {"entry": "", "version": "", "question": "", "confidence": 0.0}


class TicketState(StrEnum):
    """In its team's line, with a person, with a person who waits for the citizen, to be called, or over."""

    WAITING = "waiting"
    CLAIMED = "claimed"
    SNOOZED = "snoozed"
    CALLBACK = "callback"
    CLOSED = "closed"


@dataclass(frozen=True)
class NoFacts(JsonFields):
    """Of a change that its kind says whole."""


@dataclass(frozen=True)
class UnknownFacts(JsonFields):
    """Of an event that this release cannot read; ``name`` is its kind as it was written."""

    name: str


@dataclass(frozen=True)
class OfferedButton(JsonFields):
    """A choice as the citizen sees it; what it does stays on the server."""

    id: str
    title: str


@dataclass(frozen=True)
class MessageFacts(SparseFields):
    """Of a message. A citizen's has ``message_id`` (the channel's own), ``button`` (the one pressed), ``attachments``,
    ``place`` and ``edits``; the assistant's those of ``Reply``; staff's ``name`` and ``reply_id``."""

    message_id: str = ""
    button: str = ""
    attachments: tuple[Attachment, ...] = ()
    place: Place | None = None
    edits: str = ""
    buttons: tuple[OfferedButton, ...] = ()
    source: Source | None = None
    provenance: Provenance | None = None
    referral: str = ""
    after_window: bool = False
    language: str = ""
    name: str = ""
    reply_id: str = ""

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> MessageFacts:
        place, source, proof = data.get("place"), data.get("source"), data.get("provenance")
        nested = {
            "attachments": tuple(Attachment.from_data(one) for one in data.get("attachments") or ()),
            "buttons": tuple(OfferedButton.from_data(one) for one in data.get("buttons") or ()),
            "place": Place.from_data(place) if place else None,
            "source": Source.from_data(source) if source else None,
            "provenance": Provenance.from_data(_OLDEST_PROOF | proof) if proof else None,
        }
        return cls(**known_of(cls, data) | nested)

    @classmethod
    def of_citizen(cls, message: CitizenMessage) -> MessageFacts:
        return cls(
            message_id=message.id,
            button=message.button or "",
            attachments=message.attachments,
            place=message.place,
            edits=message.edits,
        )

    @classmethod
    def of_reply(cls, reply: Reply) -> MessageFacts:
        """Buttons' payloads stay behind."""
        return cls(
            buttons=tuple(OfferedButton(button.id, button.title) for button in reply.buttons),
            source=reply.source,
            provenance=reply.provenance,
            referral=reply.referral,
            after_window=reply.after_window,
            language=reply.language,
        )


@dataclass(frozen=True)
class TicketChange(SparseFields):
    """Of a change of a ticket: the ticket as it is after it. Moments in ms: ``until_ms`` when a snoozed one or
    ``due_ms`` when a call-back is due. ``reason`` and ``priority`` are as written, since a later release may have more.

    ``why`` it changed hands and ``by`` whom (a staff id); ``summary`` only when it is opened; ``state`` is None in
    events of an older release.
    """

    ticket: str
    reason: str
    priority: str
    team: str
    opened_at: int
    state: TicketState | None = None
    candidates: tuple[Candidate, ...] = ()
    owner_id: str = ""
    owner_name: str = ""
    outcome: str = ""
    returned: bool = False
    summary: str = ""
    why: str = ""
    by: str = ""
    until_ms: int = 0
    due_ms: int = 0

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> Self:
        candidates = tuple(Candidate.from_data(one) for one in data.get("candidates", ()))
        nested: dict[str, object] = {"candidates": candidates}
        if "state" in data:
            nested["state"] = TicketState(data["state"])
        return cls(**known_of(cls, data) | nested)


@dataclass(frozen=True)
class NoteFacts(JsonFields):
    """Of what staff tell staff: about which ticket, the author's id and name."""

    ticket: str
    staff: str
    name: str


@dataclass(frozen=True)
class ApprovalAsked(JsonFields):
    """Of an answer that begins to wait for a person's OK, of ``team`` and until ``due`` (ms)."""

    proposal: str
    team: str = ""
    due: int = 0


@dataclass(frozen=True)
class ApprovalDecision(JsonFields):
    """Of an answer that waits no more: the decision (``why``), and who took it, '' for nobody."""

    proposal: str
    team: str = ""
    why: str = ""
    owner_name: str = ""


@dataclass(frozen=True)
class KnownFacts(JsonFields):
    """Of what is known of the citizen from then on: all of it, as routes name it."""

    values: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> Self:
        return cls({str(name): str(value) for name, value in data.items()})

    def to_data(self) -> dict[str, Any]:
        return dict(self.values)


@dataclass(frozen=True)
class RatingFacts(JsonFields):
    """Of what a citizen says of the attention of a ticket: from 1 to 5."""

    ticket: str
    score: int


@dataclass(frozen=True)
class DeliveryFacts(JsonFields):
    """Of what became of an earlier message (``of``, its feed id)."""

    of: str
    state: str = ""
    reason: str = ""


@dataclass(frozen=True)
class CallbackFacts(JsonFields):
    """Of a request to be called: ``contact`` as it may be seen, ``window`` the part of the day, moments in ms."""

    number: str
    of_ticket: str
    team: str
    contact_kind: str
    contact: str
    window: str
    consented_at: int
    due_at: int


@dataclass(frozen=True)
class TypingSignal(JsonFields):
    """That somebody is writing; ``name`` of staff, '' of a citizen."""

    name: str = ""


@dataclass(frozen=True)
class ReadSignal(JsonFields):
    """Up to which feed id somebody has read."""

    event_id: str


@dataclass(frozen=True)
class PlaceSignal(JsonFields):
    """Where a citizen stands in their line: ``place`` from 1, of ``waiting`` people in all."""

    place: int
    waiting: int
