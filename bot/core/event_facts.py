"""Defines the facts of an event, its data besides the text: one dataclass per group of similar event kinds.

events.py maps each kind to its dataclass. Field names are the JSON keys in Redis and in the record (json_fields.py).
``from_data`` raises AttributeError, KeyError, TypeError or ValueError if the data has the wrong form.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from enum import StrEnum
from typing import Any, Self

from bot.core.json_fields import JsonFields, SparseFields, known_of
from bot.core.messages import Attachment, Candidate, CitizenMessage, Place, Provenance, RecognizedDanger, Reply, Source

_OLDEST_PROOF = {"entry": "", "version": "", "question": "", "confidence": 0.0}  # fields that older releases may lack


class TicketState(StrEnum):
    """The state of a ticket."""

    WAITING = "waiting"  # in its team's queue
    CLAIMED = "claimed"  # an agent attends the citizen
    SNOOZED = "snoozed"  # the agent waits for the citizen's next message, but not longer than a set time
    CALLBACK = "callback"  # the citizen will be called later
    CLOSED = "closed"


@dataclass(frozen=True)
class NoFacts(JsonFields):
    """The facts of an event that needs no data besides its kind."""


@dataclass(frozen=True)
class UnknownFacts(JsonFields):
    """The facts of an event that this release cannot read; ``name`` is the event's kind as stored."""

    name: str


@dataclass(frozen=True)
class OfferedButton(JsonFields):
    """A button as the citizen sees it; the button's payload stays on the server."""

    id: str
    title: str


@dataclass(frozen=True)
class MessageFacts(SparseFields):
    """The data of a message besides its text; which fields are set depends on the author."""

    # A citizen's message:
    message_id: str = ""  # the message's id in its channel
    button: str = ""  # id of the pressed button
    attachments: tuple[Attachment, ...] = ()  # also set in an agent's reply
    place: Place | None = None
    edits: str = ""  # id of the message that this one corrects
    # The assistant's reply, as in Reply:
    buttons: tuple[OfferedButton, ...] = ()
    source: Source | None = None
    provenance: Provenance | None = None
    referral: str = ""
    after_window: bool = False
    language: str = ""
    danger: RecognizedDanger | None = None
    fold_after: int = 0
    title: str = ""
    rating_id: str = ""
    offered: tuple[Candidate, ...] = ()
    away: tuple[str, ...] = ()
    notice: str = ""
    lapses: bool = False
    drill: bool = False
    broadcast: str = ""
    missed: bool = False
    subscription: str = ""
    test_code: str = ""
    trial: bool = False
    erasure: str = ""
    # An agent's reply:
    name: str = ""
    reply_id: str = ""
    of_ticket: str = ""  # the ticket that the agent attends, perhaps a call-back beside the conversation's current one
    # A message whose words and files were removed: the name of the person who did it, and when (ms since 1970).
    removed_by: str = ""
    removed_at: int = 0

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> MessageFacts:
        if data.keys().isdisjoint(("attachments", "buttons", "danger", "offered", "place", "provenance", "source")):
            return cls(**known_of(cls, data))
        place, source, proof, danger = (data.get(name) for name in ("place", "source", "provenance", "danger"))
        nested = {
            "attachments": tuple(Attachment.from_data(one) for one in data.get("attachments") or ()),
            "buttons": tuple(OfferedButton.from_data(one) for one in data.get("buttons") or ()),
            "place": Place.from_data(place) if place else None,
            "source": Source.from_data(source) if source else None,
            "provenance": Provenance.from_data(_OLDEST_PROOF | proof) if proof else None,
            "danger": RecognizedDanger.from_data(danger) if danger else None,
            "offered": tuple(Candidate.from_data(one) for one in data.get("offered") or ()),
            "away": tuple(data.get("away") or ()),
        }
        return cls(**known_of(cls, data) | nested)

    @classmethod
    def of_citizen(cls, message: CitizenMessage) -> MessageFacts:
        button, sent = message.button or "", message.attachments
        return cls(message_id=message.id, button=button, attachments=sent, place=message.place, edits=message.edits)

    @classmethod
    def of_reply(cls, reply: Reply) -> MessageFacts:
        """Builds the facts of a reply from its fields of the same names, without the payloads of its buttons."""
        same = {one.name: getattr(reply, one.name) for one in fields(cls) if hasattr(reply, one.name)}
        return cls(**same | {"buttons": tuple(OfferedButton(one.id, one.title) for one in reply.buttons)})


@dataclass(frozen=True)
class TicketChange(SparseFields):
    """The state of a ticket after the event; times are in ms since 1970."""

    ticket: str
    reason: str  # a str, like ``priority``, since a later release may have other values
    priority: str
    team: str
    opened_at: int
    state: TicketState | None = None  # None in events of an older release
    candidates: tuple[Candidate, ...] = ()
    owner_id: str = ""
    owner_name: str = ""
    outcome: str = ""
    returned: bool = False
    summary: str = ""  # only when the ticket is opened
    why: str = ""  # why the ticket left its queue or agent
    by: str = ""  # staff id of the person who moved it, or of the owner who lost it
    until_ms: int = 0  # when the snooze ends; for a moved ticket, when its call-back is due
    due_ms: int = 0  # when the call-back is due

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> Self:
        nested: dict[str, object] = {"candidates": tuple(map(Candidate.from_data, data.get("candidates", ())))}
        if "state" in data:
            nested["state"] = TicketState(data["state"])
        return cls(**known_of(cls, data) | nested)


@dataclass(frozen=True)
class NoteFacts(SparseFields):
    """The facts of a staff-only note: its ticket, the author's id and name, and the ids of the agents it mentions."""

    ticket: str
    staff: str
    name: str
    named: tuple[str, ...] = ()

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> Self:
        return cls(**known_of(cls, data) | {"named": tuple(data.get("named", ()))})


@dataclass(frozen=True)
class ApprovalAsked(JsonFields):
    """The facts of an answer that ``team`` must approve until ``due`` (ms since 1970) as the approval ``proposal``."""

    proposal: str
    team: str = ""
    due: int = 0


@dataclass(frozen=True)
class ApprovalDecision(JsonFields):
    """The facts of the decision on the pending approval with the id ``proposal``."""

    proposal: str
    team: str = ""
    why: str = ""  # the decision, a Verdict of bot/tickets/approvals.py
    owner_name: str = ""  # the agent who decided; '' if none did


@dataclass(frozen=True)
class KnownFacts(JsonFields):
    """All user attributes of the citizen after the event: dimension -> value."""

    values: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> Self:
        return cls({str(name): str(value) for name, value in data.items()})

    def to_data(self) -> dict[str, Any]:
        return dict(self.values)


@dataclass(frozen=True)
class RatingFacts(JsonFields):
    """A citizen's rating of a ticket's support session, from 1 to 5."""

    ticket: str
    score: int


@dataclass(frozen=True)
class AnswerRatingFacts(JsonFields):
    """Whether an answer helped: the answer's rating id, entry and version.

    ``reason`` is why it did not help ('' if unknown). A later event about the same answer replaces an earlier event.
    """

    answer: str
    entry: str
    version: str
    useful: bool
    reason: str = ""


@dataclass(frozen=True)
class DeliveryFacts(JsonFields):
    """The delivery state of an earlier message, as in Delivery of bot/tickets/outbox.py; ``of`` is its event id."""

    of: str
    state: str = ""
    reason: str = ""


@dataclass(frozen=True)
class CallbackFacts(JsonFields):
    """A call-back request: its masked ``contact`` and the part of the day (``window``); times are in ms since 1970."""

    number: str
    of_ticket: str
    team: str
    contact_kind: str
    contact: str
    window: str
    consented_at: int
    due_at: int


@dataclass(frozen=True)
class ComplaintFacts(SparseFields):
    """A complaint that the citizen confirmed: what happened, the place as text or as a shared location, and photos."""

    number: str
    team: str
    what: str
    location: str = ""
    place: Place | None = None
    photos: tuple[Attachment, ...] = ()

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> Self:
        place = data.get("place")
        photos = tuple(Attachment.from_data(one) for one in data.get("photos") or ())
        return cls(**known_of(cls, data) | {"photos": photos, "place": Place.from_data(place) if place else None})


@dataclass(frozen=True)
class PrivacyRequestFacts(JsonFields):
    """A request about the citizen's own data: its receipt, its kind, and its deadline in ms since 1970."""

    receipt: str
    request: str
    due: int
