"""One line of a conversation's feed: its kind, what a change of that kind means, and its facts.

MEANINGS is the one table of what follows from an event. Whoever adds a kind adds it to EventKind and MEANINGS; what it
carries is a dataclass of event_facts.py.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from bot.core.event_facts import (
    ApprovalAsked,
    ApprovalDecision,
    CallbackFacts,
    DeliveryFacts,
    KnownFacts,
    MessageFacts,
    NoFacts,
    NoteFacts,
    PlaceSignal,
    RatingFacts,
    ReadSignal,
    TicketChange,
    TicketState,
    TypingSignal,
    UnknownFacts,
)
from bot.core.json_fields import JsonFields
from bot.core.messages import Author, Speaker


class EventKind(StrEnum):
    """What an event says, as Redis and the record name it. A name of a later release becomes UNKNOWN."""

    MESSAGE = "message"
    NOTE = "note"
    KNOWN = "known"
    RATING = "opinion"
    PROPOSAL = "proposal"
    PROPOSAL_DECIDED = "proposal_decided"
    CALLBACK_REQUESTED = "callback_requested"
    DELIVERY = "delivery"
    BLOCKED = "blocked"
    UNBLOCKED = "unblocked"
    TICKET_OPENED = "ticket_opened"
    TICKET_RAISED = "ticket_raised"
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
    PLACE = "place"
    UNKNOWN = "unknown"

    @classmethod
    def _missing_(cls, value: object) -> EventKind:
        return cls.UNKNOWN


@dataclass(frozen=True)
class Meaning:
    """What an event of one kind carries and changes.

    ``staff_only``: no citizen may ever see it. ``state_after`` of the ticket, None for what changes no ticket;
    ``speaker_after``: whose turn it becomes for the citizen, None when that stays. ``moves_queue``: citizens' places in
    their lines change; ``changes_hands``: the ticket may leave the list of somebody at the desk; ``changes_row``: the
    desk shows the ticket anew; ``goes_on``: the conversation goes on, so the record decides anew whether it keeps where
    its citizen is answered.
    """

    facts: type[JsonFields]
    staff_only: bool = False
    state_after: TicketState | None = None
    speaker_after: Speaker | None = None
    moves_queue: bool = False
    changes_hands: bool = False
    changes_row: bool = False
    goes_on: bool = False

    @property
    def is_of_ticket(self) -> bool:
        return self.state_after is not None

    @property
    def ends_ticket(self) -> bool:
        return self.state_after is TicketState.CLOSED


def _ticket(
    state: TicketState, speaker: Speaker | None = None, *, moves_queue: bool = False, changes_hands: bool = False
) -> Meaning:
    return Meaning(
        TicketChange,
        state_after=state,
        speaker_after=speaker,
        moves_queue=moves_queue,
        changes_hands=changes_hands,
        changes_row=True,
        goes_on=True,
    )


_WAITING, _CLAIMED, _CLOSED = TicketState.WAITING, TicketState.CLAIMED, TicketState.CLOSED

MEANINGS: Mapping[EventKind, Meaning] = {
    EventKind.MESSAGE: Meaning(MessageFacts, goes_on=True),
    EventKind.NOTE: Meaning(NoteFacts, staff_only=True),
    EventKind.KNOWN: Meaning(KnownFacts, staff_only=True, changes_row=True),
    EventKind.RATING: Meaning(RatingFacts),
    EventKind.PROPOSAL: Meaning(ApprovalAsked, staff_only=True),
    EventKind.PROPOSAL_DECIDED: Meaning(ApprovalDecision, staff_only=True),
    EventKind.CALLBACK_REQUESTED: Meaning(CallbackFacts),
    EventKind.DELIVERY: Meaning(DeliveryFacts),
    EventKind.BLOCKED: Meaning(NoFacts),
    EventKind.UNBLOCKED: Meaning(NoFacts),
    EventKind.TICKET_OPENED: _ticket(_WAITING, Speaker.WAITING, moves_queue=True),
    EventKind.TICKET_RAISED: _ticket(_WAITING, moves_queue=True),
    EventKind.TICKET_CLAIMED: _ticket(_CLAIMED, Speaker.STAFF, moves_queue=True, changes_hands=True),
    EventKind.TICKET_SNOOZED: _ticket(TicketState.SNOOZED),
    EventKind.TICKET_WOKEN: _ticket(_CLAIMED),
    EventKind.TICKET_RETURNED: _ticket(_WAITING, Speaker.WAITING, moves_queue=True, changes_hands=True),
    EventKind.TICKET_MOVED: _ticket(_WAITING, moves_queue=True, changes_hands=True),
    EventKind.TICKET_CALLBACK: _ticket(TicketState.CALLBACK, Speaker.ASSISTANT, moves_queue=True),
    EventKind.TICKET_CLOSED: _ticket(_CLOSED, Speaker.ASSISTANT),
    EventKind.TICKET_CANCELLED: _ticket(_CLOSED, Speaker.ASSISTANT, moves_queue=True),
    EventKind.TYPING: Meaning(TypingSignal),
    EventKind.READ: Meaning(ReadSignal),
    EventKind.PLACE: Meaning(PlaceSignal),
    EventKind.UNKNOWN: Meaning(UnknownFacts, staff_only=True),
}

NO_FACTS = NoFacts()
_NOTHING_SAID = MessageFacts()


@dataclass(frozen=True)
class Event:
    """One line of a conversation's feed, as the citizen's page, the desk and the record see it.

    ``id`` is the feed's own id (``<ms>-<n>``, increasing within a conversation), '' of a signal that is kept nowhere;
    ``at`` in ms.
    """

    id: str
    conversation: str
    kind: EventKind
    author: Author
    text: str = ""
    facts: JsonFields = NO_FACTS
    at: int = 0

    @classmethod
    def from_data(cls, line: Mapping[str, Any]) -> Event:
        """A line as it was written: its fields under their names, the facts as JSON under ``data``.

        One that this release cannot read, for its kind or for what it carries, is UNKNOWN: it is shown to nobody and
        changes nothing.
        """
        kind, facts = _read_facts(line["kind"], line["data"])
        author, at = Author(line["author"]), int(float(line["at"]))
        return cls(line["id"], line["conversation"], kind, author, line["text"], facts, at)

    @property
    def meaning(self) -> Meaning:
        return MEANINGS[self.kind]

    @property
    def message(self) -> MessageFacts:
        """What a message carries; nothing, of a change."""
        return self.facts if isinstance(self.facts, MessageFacts) else _NOTHING_SAID

    @property
    def ticket(self) -> TicketChange | None:
        """The ticket as it is after the event; None when it changes none."""
        return self.facts if isinstance(self.facts, TicketChange) else None

    @property
    def state_after(self) -> TicketState | None:
        """The ticket's state after the event; an older release wrote none."""
        return (self.ticket and self.ticket.state) or self.meaning.state_after

    @property
    def is_markdown(self) -> bool:
        """Whether the text is Markdown of ours: the assistant's, the system's, or an entry that staff sent as it is."""
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
