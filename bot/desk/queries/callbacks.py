"""Reads the open call-back requests, and records the attempts to call.

Requests and attempts are in PostgreSQL; the owner and due time are in the request's ticket in Redis, whose Lua scripts
prevent two agents from claiming it. If a script refuses to change the ticket, the recorded attempt is rolled back.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Select, func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot.conversation.addresses import Addresses
from bot.desk.auth.audit import Action, add_audit
from bot.record.callback_record import NOT_REACHED, REACHED, WRONG_CONTACT
from bot.record.engine import Sessions
from bot.record.tables import Callback, CallbackAttempt, Conversation, Staff
from bot.record.transcripts.rows import decrypt_objects, encrypt_row, gone
from bot.tickets.ending import Ending
from bot.tickets.ticket import StaffRef, Ticket
from bot.tickets.tickets import Tickets
from bot.tickets.transitions import Transitions

MAX_ATTEMPTS = 3
MAX_LISTED = 300
MAX_ID = 2**63 - 1
RESULTS = (REACHED, NOT_REACHED, WRONG_CONTACT)


@dataclass(frozen=True)
class Attempt:
    """An attempt to call: its time, the agent's name, one of RESULTS, and the agent's note."""

    at: datetime
    name: str
    result: str
    note: str


@dataclass(frozen=True)
class Listed:
    """A call-back request with its attempts so far, and its ticket (None if Redis has lost the ticket)."""

    row: Callback
    channel: str
    ticket: Ticket | None
    attempts: tuple[Attempt, ...]

    @property
    def owner(self) -> StaffRef | None:
        return self.ticket.owner if self.ticket else None

    @property
    def tries_left(self) -> int:
        return MAX_ATTEMPTS - len(self.attempts)


@dataclass(frozen=True)
class Tried:
    """An attempt as the agent reports it: one of RESULTS, a note, and the time of the next call after a failure."""

    result: str
    note: str
    again_at: datetime | None


class Callbacks:
    """Reads and changes call-back requests; its methods may raise SQLAlchemyError and redis.RedisError."""

    def __init__(self, *, sessions: Sessions, tickets: Tickets, transitions: Transitions, addresses: Addresses) -> None:
        self._sessions = sessions
        self._tickets = tickets
        self._transitions = transitions
        self._addresses = addresses

    async def listed(self, teams: Sequence[str]) -> list[Listed]:
        """Returns at most MAX_LISTED open requests of ``teams`` (of all teams if empty), earliest due first.

        Leaves out requests of blocked conversations, since blocked data may not be used.
        """
        query = _open(teams, Callback, Conversation.channel).where(Conversation.blocked_at.is_(None))
        query = query.order_by(Callback.due_at).limit(MAX_LISTED)
        async with self._sessions() as session:
            rows = (await session.execute(query)).all()
            tried = await _attempts(session, {row.id: row.conversation_id for row, _ in rows})
        tickets = await self._tickets.several([row.ticket_id for row, _ in rows])
        return [Listed(row, channel, tickets.get(row.ticket_id), tuple(tried.get(row.id, ()))) for row, channel in rows]

    async def count_blocked(self, teams: Sequence[str]) -> int:
        """Returns the number of open requests of ``teams`` (of all teams if empty) whose conversations are blocked."""
        query = _open(teams, func.count(Callback.id)).where(Conversation.blocked_at.is_not(None))
        async with self._sessions() as session:
            return await session.scalar(query) or 0

    async def get(self, callback: int) -> Listed | None:
        """Returns an open request; None if it does not exist, is closed, or its conversation is blocked."""
        if not 0 < callback <= MAX_ID:
            return None
        async with self._sessions() as session:
            row = await session.get(Callback, callback)
            if row is None or row.outcome is not None:
                return None
            conversation = await session.get_one(Conversation, row.conversation_id)
            tried = await _attempts(session, {row.id: row.conversation_id})
        if conversation.blocked_at is not None:
            return None
        ticket = await self._tickets.get(row.ticket_id)
        return Listed(row, conversation.channel, ticket, tuple(tried.get(row.id, ())))

    def contact(self, one: Listed) -> str:
        """Decrypts the citizen's phone number or e-mail; returns '' if the contact was deleted or is unreadable."""
        return self._addresses.decrypt(one.row.encrypted or "") or ""

    async def report(self, one: Listed, staff: StaffRef, tried: Tried) -> datetime | None:
        """Records an attempt, and schedules the next call or closes the request.

        Returns the time of the next call, or None if the request is now closed. Raises TicketNotYours.
        """
        again_at = tried.again_at if tried.result == NOT_REACHED and one.tries_left > 1 else None
        async with self._sessions.begin() as session:
            row = {"callback_id": one.row.id, "staff_id": UUID(staff.id), "result": tried.result, "note": tried.note}
            session.add(CallbackAttempt(**await encrypt_row(session, CallbackAttempt, one.row.conversation_id, row)))
            await session.execute(update(Callback).where(Callback.id == one.row.id).values(**_after(tried, again_at)))
            by = UUID(staff.id)
            add_audit(session, Action.CALLBACK_TRIED, staff_id=by, subject=one.row.number, result=tried.result)
            await session.flush()  # what cannot be audited must not move the ticket either
            if again_at is None:
                await self._tickets.close(one.row.ticket_id, staff, None, Ending(tried.result))
            else:
                await self._transitions.schedule_callback(one.row.ticket_id, staff, int(again_at.timestamp() * 1000))
        return again_at


def _open(teams: Sequence[str], *columns: Any) -> Select[Any]:
    """Builds the query of ``columns`` of the open requests of ``teams``, joined with their conversations."""
    query = select(*columns).select_from(Callback).join(Conversation, Conversation.id == Callback.conversation_id)
    query = query.where(Callback.outcome.is_(None))
    return query.where(Callback.team.in_(teams)) if teams else query


def _after(tried: Tried, again_at: datetime | None) -> dict[str, object]:
    """Returns the columns to update; the recorder later writes the same values from the ticket's event."""
    if again_at is not None:
        return {"due_at": again_at}
    return {"outcome": tried.result, "closed_at": datetime.now(UTC)}


async def _attempts(session: AsyncSession, callbacks: dict[int, str]) -> dict[int, list[Attempt]]:
    """Returns the attempts of each request; ``callbacks`` maps the requests to their conversations."""
    query = (
        select(CallbackAttempt, func.coalesce(Staff.name, ""))
        .outerjoin(Staff, Staff.id == CallbackAttempt.staff_id)
        .where(CallbackAttempt.callback_id.in_(callbacks))
        .order_by(CallbackAttempt.id)
    )
    found: dict[int, list[Attempt]] = {}
    rows = (await session.execute(query)).all()
    await decrypt_objects(session, [row for row, _ in rows], callbacks, gone())
    for row, name in rows:
        found.setdefault(row.callback_id, []).append(Attempt(row.at, name, row.result, row.note))
    return found
