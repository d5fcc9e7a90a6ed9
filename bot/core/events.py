"""Defines events and their kinds, and for each kind the facts that it carries and the changes that it implies.

To add a kind, extend EventKind and MEANINGS; define its facts as a dataclass in event_facts.py,
those of a signal in signal_facts.py.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from bot.core.event_facts import (
    AnswerRatingFacts,
    ApprovalAsked,
    ApprovalDecision,
    CallbackFacts,
    ComplaintFacts,
    DeliveryFacts,
    KnownFacts,
    MessageFacts,
    NoFacts,
    NoteFacts,
    PrivacyRequestFacts,
    RatingFacts,
    TicketChange,
    TicketState,
    UnknownFacts,
)
from bot.core.json_fields import JsonFields
from bot.core.messages import Author, RemovalFacts, Speaker
from bot.core.signal_facts import AccountSignal, LookingSignal, PlaceSignal, ReadSignal, TypingSignal


class EventKind(StrEnum):
    """The kind of an event, named as in Redis and in the record. A name from a later release becomes UNKNOWN."""

    MESSAGE = "message"
    NOTE = "note"
    KNOWN = "known"
    RATING = "opinion"
    ANSWER_RATED = "answer_rated"
    PROPOSAL = "proposal"
    PROPOSAL_DECIDED = "proposal_decided"
    CALLBACK_REQUESTED = "callback_requested"
    COMPLAINT_FILED = "complaint_filed"
    PRIVACY_REQUESTED = "privacy_requested"
    DELIVERY = "delivery"
    MESSAGE_REMOVED = "message_removed"
    REPAIRED = "repaired"
    BLOCKED = "blocked"
    UNBLOCKED = "unblocked"
    BANNED = "banned"
    UNBANNED = "unbanned"
    TICKET_OPENED = "ticket_opened"
    TICKET_RAISED = "ticket_raised"
    TICKET_PUT_FIRST = "ticket_put_first"
    TICKET_CLAIMED = "ticket_claimed"
    TICKET_SNOOZED = "ticket_snoozed"
    TICKET_WOKEN = "ticket_woken"
    TICKET_RETURNED = "ticket_returned"
    TICKET_MOVED = "ticket_moved"
    TICKET_CALLBACK = "ticket_callback"
    TICKET_CLOSED = "ticket_closed"
    TICKET_CANCELLED = "ticket_cancelled"
    TYPING = "typing"
    READ = "read"
    LOOKING = "looking"
    PLACE = "place"
    STAFF_NOTIFIED = "staff_notified"
    ACCOUNT_CHANGED = "account_changed"
    UNKNOWN = "unknown"

    @classmethod
    def _missing_(cls, value: object) -> EventKind:
        return cls.UNKNOWN


@dataclass(frozen=True)
class Meaning:
    """The data that events of one kind carry, and the changes that they imply."""

    facts: type[JsonFields]
    staff_only: bool = False  # never shown to citizens
    state_after: TicketState | None = None  # the ticket's state after the event; None if the event changes no ticket
    speaker_after: Speaker | None = None  # None: the speaker does not change
    moves_queue: bool = False  # citizens' positions in a queue change
    changes_row: bool = False  # the desk reloads the ticket's row
    goes_on: bool = False  # the recorder checks whether the citizen's address is still needed

    @property
    def is_of_ticket(self) -> bool:
        return self.state_after is not None

    @property
    def ends_ticket(self) -> bool:
        return self.state_after is TicketState.CLOSED


def _ticket(state: TicketState, speaker: Speaker | None = None, *, moves_queue: bool = False) -> Meaning:
    return Meaning(
        TicketChange,
        state_after=state,
        speaker_after=speaker,
        moves_queue=moves_queue,
        changes_row=True,
        goes_on=True,
    )


_WAITING, _CLAIMED, _CLOSED = TicketState.WAITING, TicketState.CLAIMED, TicketState.CLOSED

MEANINGS: Mapping[EventKind, Meaning] = {
    EventKind.MESSAGE: Meaning(MessageFacts, goes_on=True),
    EventKind.NOTE: Meaning(NoteFacts, staff_only=True),
    EventKind.KNOWN: Meaning(KnownFacts, staff_only=True, changes_row=True),
    EventKind.RATING: Meaning(RatingFacts),
    EventKind.ANSWER_RATED: Meaning(AnswerRatingFacts),
    EventKind.PROPOSAL: Meaning(ApprovalAsked, staff_only=True),
    EventKind.PROPOSAL_DECIDED: Meaning(ApprovalDecision, staff_only=True),
    EventKind.CALLBACK_REQUESTED: Meaning(CallbackFacts),
    EventKind.COMPLAINT_FILED: Meaning(ComplaintFacts, staff_only=True),
    EventKind.PRIVACY_REQUESTED: Meaning(PrivacyRequestFacts, staff_only=True),
    EventKind.DELIVERY: Meaning(DeliveryFacts),
    EventKind.MESSAGE_REMOVED: Meaning(RemovalFacts, changes_row=True),
    EventKind.REPAIRED: Meaning(NoFacts, staff_only=True),
    EventKind.BLOCKED: Meaning(NoFacts),
    EventKind.UNBLOCKED: Meaning(NoFacts),
    EventKind.BANNED: Meaning(NoFacts, staff_only=True),
    EventKind.UNBANNED: Meaning(NoFacts, staff_only=True),
    EventKind.TICKET_OPENED: _ticket(_WAITING, Speaker.WAITING, moves_queue=True),
    EventKind.TICKET_RAISED: _ticket(_WAITING, moves_queue=True),
    EventKind.TICKET_PUT_FIRST: _ticket(_WAITING, moves_queue=True),
    EventKind.TICKET_CLAIMED: _ticket(_CLAIMED, Speaker.STAFF, moves_queue=True),
    EventKind.TICKET_SNOOZED: _ticket(TicketState.SNOOZED),
    EventKind.TICKET_WOKEN: _ticket(_CLAIMED),
    EventKind.TICKET_RETURNED: _ticket(_WAITING, Speaker.WAITING, moves_queue=True),
    EventKind.TICKET_MOVED: _ticket(_WAITING, moves_queue=True),
    EventKind.TICKET_CALLBACK: _ticket(TicketState.CALLBACK, Speaker.ASSISTANT, moves_queue=True),
    EventKind.TICKET_CLOSED: _ticket(_CLOSED, Speaker.ASSISTANT),
    EventKind.TICKET_CANCELLED: _ticket(_CLOSED, Speaker.ASSISTANT, moves_queue=True),
    EventKind.TYPING: Meaning(TypingSignal),
    EventKind.READ: Meaning(ReadSignal),
    EventKind.LOOKING: Meaning(LookingSignal, staff_only=True),
    EventKind.PLACE: Meaning(PlaceSignal),
    EventKind.STAFF_NOTIFIED: Meaning(NoFacts, staff_only=True),
    EventKind.ACCOUNT_CHANGED: Meaning(AccountSignal, staff_only=True),
    EventKind.UNKNOWN: Meaning(UnknownFacts, staff_only=True),
}

NO_FACTS = NoFacts()
_NOTHING_SAID = MessageFacts()


@dataclass(frozen=True)
class Event:
    """An entry of a conversation's event log, or a signal, which is not stored."""

    id: str  # ``<ms>-<n>``, increasing within a conversation; '' for a signal
    conversation: str
    kind: EventKind
    author: Author
    text: str = ""
    facts: JsonFields = NO_FACTS
    at: int = 0  # ms since 1970

    @classmethod
    def from_data(cls, line: Mapping[str, Any]) -> Event:
        """Builds an event from its stored fields; ``data`` holds the facts as an object already parsed from JSON.

        An event that this release cannot read gets the kind UNKNOWN: it is never shown and changes nothing.
        """
        kind, facts = _read_facts(line["kind"], line["data"])
        author, at = Author(line["author"]), int(float(line["at"]))
        return cls(line["id"], line["conversation"], kind, author, line["text"], facts, at)

    @classmethod
    def of_message(cls, row: Mapping[str, object], at: datetime) -> Event:
        """Builds the event of a message from the columns of its row in the record; ``at`` is the row's time."""
        kind = {"id": row["event_id"], "conversation": row["conversation_id"], "kind": EventKind.MESSAGE}
        return cls.from_data({**row, **kind, "at": at.timestamp() * 1000})

    @property
    def meaning(self) -> Meaning:
        return MEANINGS[self.kind]

    @property
    def message(self) -> MessageFacts:
        """Returns the facts of a message; for any other event, a MessageFacts with default values."""
        return self.facts if isinstance(self.facts, MessageFacts) else _NOTHING_SAID

    @property
    def changes_row(self) -> bool:
        """Returns whether the desk must reload the ticket's row."""
        return self.meaning.changes_row or self.message.danger is not None

    @property
    def ticket(self) -> TicketChange | None:
        """Returns the ticket's data after the event; None if the event changes no ticket."""
        return self.facts if isinstance(self.facts, TicketChange) else None

    @property
    def of_ticket(self) -> str:
        """Returns the ticket that the event belongs to, such as that of an agent's reply; '' for others."""
        if isinstance(self.facts, CallbackFacts | MessageFacts):
            return self.facts.of_ticket
        return self.facts.ticket if isinstance(self.facts, NoteFacts | RatingFacts | TicketChange) else ""

    @property
    def state_after(self) -> TicketState | None:
        """Returns the ticket's state after the event; None if the event changes no ticket.

        Events of older releases do not store the state; for these, the event's kind determines it.
        """
        return (self.ticket and self.ticket.state) or self.meaning.state_after

    @property
    def is_markdown(self) -> bool:
        """Returns whether the text is Markdown: the assistant's, the system's, or an FAQ entry that an agent sent."""
        return self.author in {Author.ASSISTANT, Author.SYSTEM} or (
            self.author is Author.STAFF and self.message.provenance is not None
        )


def _read_facts(name: str, data: Mapping[str, Any]) -> tuple[EventKind, JsonFields]:
    kind = EventKind(name)
    if kind is EventKind.UNKNOWN:
        return kind, UnknownFacts(name)
    try:
        return kind, MEANINGS[kind].facts.from_data(data)
    except (AttributeError, KeyError, TypeError, ValueError):
        return EventKind.UNKNOWN, UnknownFacts(name)
