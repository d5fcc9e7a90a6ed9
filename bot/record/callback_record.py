"""Writes call-back requests and their outcomes into PostgreSQL; writing an event twice changes nothing.

A request ends when its ticket is closed, with the ticket's outcome. The contact of a request that was
replaced or revoked is deleted immediately; under a legal hold it stays until retention deletes it.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot.core.event_facts import CallbackFacts, TicketChange, TicketState
from bot.core.events import Event
from bot.record.tables import Callback, LegalHold

REPLACED = "replaced"
REVOKED = "revoked"
REACHED = "reached"
NOT_REACHED = "not_reached"
WRONG_CONTACT = "wrong_contact"
NOTHING_KEPT = frozenset({REPLACED, REVOKED})
NOBODY_ATTENDED = frozenset({REPLACED, REVOKED, NOT_REACHED, WRONG_CONTACT})


async def write_request(session: AsyncSession, event: Event, facts: CallbackFacts, encrypted: str) -> None:
    """Adds a request, unless already stored.

    ``encrypted`` is the contact, of which ``facts`` contains only a masked form.
    """
    known = select(Callback.id).where(Callback.conversation_id == event.conversation, Callback.event_id == event.id)
    if await session.scalar(known) is not None:
        return
    session.add(
        Callback(
            conversation_id=event.conversation,
            event_id=event.id,
            number=facts.number,
            ticket_id=facts.of_ticket,
            team=facts.team,
            contact_kind=facts.contact_kind,
            shown=facts.contact,
            encrypted=encrypted,
            part_of_day=facts.window,
            asked_at=_moment(event.at),
            consented_at=_moment(facts.consented_at),
            due_at=_moment(facts.due_at),
            promised_at=_moment(facts.due_at),
        )
    )
    await session.flush()


async def follow_ticket(session: AsyncSession, event: Event, change: TicketChange) -> None:
    """Applies a change of a ticket to its open call-back request: team, due time, or outcome.

    Deletes the contact if the request was replaced or revoked and no legal hold forbids it.
    """
    changed: dict[str, Any] = {"team": change.team}
    if change.due_ms:
        changed["due_at"] = _moment(change.due_ms)
    if event.state_after is TicketState.CLOSED:
        changed |= {"outcome": change.outcome, "closed_at": _moment(event.at)}
        held = select(LegalHold.conversation_id).where(LegalHold.conversation_id == event.conversation)
        if change.outcome in NOTHING_KEPT and await session.scalar(held) is None:
            changed |= {"encrypted": None, "shown": ""}
    mine = (Callback.ticket_id == change.ticket) & Callback.outcome.is_(None)
    await session.execute(
        update(Callback).where(Callback.conversation_id == event.conversation, mine).values(**changed)
    )


def _moment(ms: int) -> datetime:
    return datetime.fromtimestamp(int(ms) / 1000, UTC)
