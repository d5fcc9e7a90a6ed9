"""Describes tickets as the desk lists them: latest message, subject, dangers, and the number of unanswered messages."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from bot.conversation.state import ConversationState, KeptDanger
from bot.core.events import Event, EventKind
from bot.core.messages import Author, HandoffReason
from bot.core.texts import say
from bot.handoff.agent import Agent
from bot.handoff.matter import NO_TITLES, matter_of
from bot.tickets.ticket import Ticket

DANGER_COUNTS_MS = 24 * 3600 * 1000  # a danger described this long before its ticket was opened still marks the ticket
TOLD_AT_ONCE_MS = 60_000  # a danger told no longer than this from the opening of its ticket opened it
MIN_TOPIC = 0.2  # lowest confidence of an entry at which its question is shown as the ticket's topic


@dataclass(frozen=True)
class Waiting:
    """A ticket as the desk lists it.

    ``last`` is the newest message, None if there is none. ``unanswered`` counts the citizen's messages since staff last
    wrote; it considers only the newest events, and no removed message. ``inbound_at`` is when the citizen last wrote
    (ms since 1970). ``notices_off`` is true if the citizen refused unsolicited notices. ``known`` maps dimensions to
    what is known about the citizen. ``answered`` is the question of the FAQ entry that was sent last, or ''.
    ``dangers`` are those that the citizen described since one day before the ticket was opened. ``matter`` is the
    citizen's latest text that says what they want, in an emergency the words that told of the danger; '' if they wrote
    no text.
    """

    ticket: Ticket
    last: Event | None
    unanswered: int
    inbound_at: int = 0
    notices_off: bool = False
    known: Mapping[str, str] = field(default_factory=dict)
    answered: str = ""
    dangers: tuple[KeptDanger, ...] = ()
    matter: str = ""

    @property
    def topic(self) -> str:
        """Returns the citizen's likely question: the best candidate's, else the last sent entry's, else ''."""
        best = max(self.ticket.candidates, key=lambda one: one.confidence, default=None)
        return best.question if best and best.confidence >= MIN_TOPIC else self.answered

    def owned_by(self, agent: Agent) -> bool:
        return self.ticket.owner is not None and self.ticket.owner.id == agent.id


@dataclass(frozen=True)
class Wanted:
    """The part of the queue to list: the first ``shown`` tickets of ``teams`` (all if empty) that fit the filters.

    ``team``, ``channel`` and ``reason`` are the filters; '' means no filter.
    """

    teams: tuple[str, ...] = ()
    team: str = ""
    channel: str = ""
    reason: str = ""
    shown: int = 50


@dataclass(frozen=True)
class QueuePage:
    """A page of a queue: the tickets shown, the ids of the other matching tickets, and the queue's unfiltered size.

    ``behind`` is in no order.
    """

    first: tuple[Waiting, ...]
    behind: tuple[str, ...]
    total: int


def reason_in_words(reason: HandoffReason, confidences: Sequence[float]) -> str:
    """Formats a handoff's reason; LOW_CONFIDENCE with the highest confidence, such as ``no estaba segura: 41 %``."""
    if reason is HandoffReason.LOW_CONFIDENCE and confidences:
        return say("desk.motivos.low_confidence_con_certeza", certeza=round(max(confidences) * 100))
    return say(f"desk.motivos.{reason.value}")


def waiting_of(
    ticket: Ticket, events: Sequence[Event], state: ConversationState, titles: frozenset[str] = NO_TITLES
) -> Waiting:
    """Describes a ticket as the desk lists it, from the newest ``events`` and the state of its conversation.

    ``titles`` are the titles of buttons that say nothing about the matter (``button_titles``).
    """
    events = own_events(events, ticket)
    messages = [event for event in events if event.kind is EventKind.MESSAGE and event.author is not Author.SYSTEM]
    unanswered = 0
    for event in reversed(messages):
        if event.author is Author.STAFF:
            break
        unanswered += event.author is Author.CITIZEN and not event.message.removed_at
    last = messages[-1] if messages else None
    proofs = (event.message.provenance for event in reversed(messages))
    answered = next((proof.question for proof in proofs if proof), "")
    dangers = tuple(one for one in state.dangers if one.at >= ticket.opened_at - DANGER_COUNTS_MS)
    return Waiting(
        ticket,
        last,
        unanswered,
        state.inbound_at,
        state.notices_off,
        state.known,
        answered,
        dangers,
        _told_danger(events, ticket, dangers) or matter_of(events, ticket.summary, titles),
    )


def _told_danger(events: Sequence[Event], ticket: Ticket, dangers: Sequence[KeptDanger]) -> str:
    """Returns the words that told of the danger of an emergency, which later ones do not hide.

    Returns '' if there is no emergency or the citizen has denied it. The summary of a ticket that became an emergency
    later is about another matter, so it counts only if the danger was told when the ticket was opened.
    """
    last = max((one.at for one in dangers if one.sure and not one.denied), default=0)
    if not last or ticket.reason is not HandoffReason.EMERGENCY:
        return ""
    answered = (n for n in reversed(range(len(events))) if (said := events[n].message.danger) and said.sure)
    words = matter_of(events[: next(answered, 0)], "")
    return words or (ticket.summary if abs(last - ticket.opened_at) < TOLD_AT_ONCE_MS else "")


def own_events(events: Sequence[Event], ticket: Ticket) -> Sequence[Event]:
    """Returns the events of the ticket's episode, which begins where the previous ticket's ended.

    The episode of a call-back ends when the citizen asks for the call, since the assistant answers later messages; then
    only what staff writes in the ticket belongs to it. What staff writes in another ticket never does.
    """
    events = [one for one in events if one.message.of_ticket in {"", ticket.id}]
    if ticket.by_phone:
        asked = (number for number, one in enumerate(events) if _asks_for_call(one) and one.of_ticket == ticket.id)
        end = next(asked, 0)
        events = [*events[:end], *(one for one in events[end:] if one.of_ticket == ticket.id)]
    ends = (number for number, one in enumerate(events) if _ends_other(one, ticket))
    return events[max(ends, default=-1) + 1 :]


def _asks_for_call(event: Event) -> bool:
    return event.kind is EventKind.CALLBACK_REQUESTED


def _ends_other(event: Event, ticket: Ticket) -> bool:
    """Returns whether another ticket's episode ended with this event, before ``ticket`` was opened."""
    ends = event.meaning.ends_ticket or _asks_for_call(event)
    return ends and event.of_ticket != ticket.id and event.at <= ticket.opened_at
