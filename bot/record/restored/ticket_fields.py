"""Composes the fields of a ticket's Redis hash from the record."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime

from bot.core.event_facts import TicketState
from bot.core.messages import Author
from bot.record.restored.choices import asks_for_notice
from bot.record.tables import Message, Ticket

HAD_PERSON = frozenset({TicketState.CLAIMED, TicketState.SNOOZED})


def ticket_fields(ticket: Ticket, messages: Sequence[Message], *, by_phone: bool) -> list[str]:
    """Returns alternating names and values of the ticket's hash.

    ``messages`` are the conversation's newest ones, oldest first; who wrote last in a claimed ticket awaits an answer,
    whether staff replied since it was opened counts, and «Avísame» in a waiting one. ``by_phone`` is True if the
    citizen asked for a call-back.
    """
    facts = {
        "reason": ticket.reason,
        "priority": ticket.priority,
        "team": ticket.team,
        "candidates": json.dumps(ticket.candidates),
        "summary": ticket.summary,
        "opened_at": str(ms(ticket.opened_at)),
    }
    facts |= {"returned": "1"} if ticket.returned else {}
    if ticket.state in HAD_PERSON:
        facts |= {"owner_id": str(ticket.claimed_by), "owner_name": ticket.owner_name}
        facts["claimed_at"] = str(ms(ticket.changed_at))
    waits = bool(messages) and messages[-1].author == Author.CITIZEN
    facts |= {"unanswered_since": str(ms(ticket.changed_at))} if ticket.state == TicketState.CLAIMED and waits else {}
    facts |= {"replied": "1"} if any(_is_reply(one, ticket) for one in messages) else {}
    facts |= {"notify_near": "1"} if ticket.state == TicketState.WAITING and _asked(ticket, messages) else {}
    facts |= {"snooze_ms": str(ms(ticket.until) - ms(ticket.changed_at))} if ticket.state == TicketState.SNOOZED else {}
    facts |= {"by_phone": "1"} if by_phone else {}
    return [part for pair in facts.items() for part in pair]


def _is_reply(message: Message, ticket: Ticket) -> bool:
    return message.author == Author.STAFF and message.at >= ticket.opened_at


def _asked(ticket: Ticket, messages: Sequence[Message]) -> bool:
    """Returns whether the citizen, since the ticket was opened, asked to be told when their turn is near."""
    since = (one for one in messages if one.author == Author.CITIZEN and one.at >= ticket.opened_at)
    return any(map(asks_for_notice, since))


def ms(at: datetime | None) -> int:
    """Returns milliseconds since 1970; 0 for None."""
    return int(at.timestamp() * 1000) if at else 0
