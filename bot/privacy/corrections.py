"""Blocks a conversation's data; corrects call-back contacts, and words in summaries, topics, notes and complaints.

Messages are never changed.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import inspect, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot.core.errors.base import PermanentError
from bot.core.event_facts import TicketState
from bot.record.base import Base
from bot.record.engine import Sessions
from bot.record.tables import Audit, Callback, Closing, Complaint, Conversation, Note, Ticket
from bot.record.tables.privacy import blocked_conversations
from bot.record.transcripts.rows import ENCRYPTED, decrypt_rows, encrypt_row


class CallPending(PermanentError):
    """The conversation's call-back is queued or being made; it must be ended first."""

    text_key = "privacidad.errores.llamada"


BLOCKED_ACTION, UNBLOCKED_ACTION, CORRECTED_ACTION = "data_blocked", "data_unblocked", "data_corrected"


@dataclass(frozen=True)
class NewContact:
    """A corrected contact, as call-back requests store it: its kind, the encrypted contact, and its masked form."""

    kind: str
    encrypted: str
    shown: str


class Corrections:
    """Blocks and corrects data; each change and its audit row are one transaction.

    ``by`` is the member of staff who asked; None on the command line. Methods may raise SQLAlchemyError.
    """

    def __init__(self, sessions: Sessions) -> None:
        self._sessions = sessions

    async def block(self, name: str, *, by: UUID | None = None) -> bool:
        """Blocks the conversation's data; returns False if the data was already blocked, or is not in the record.

        Raises CallPending.
        """
        return await self._set_blocked(name, datetime.now(UTC), BLOCKED_ACTION, by)

    async def unblock(self, name: str, *, by: UUID | None = None) -> bool:
        """Unblocks the conversation's data; returns False if the data was not blocked."""
        return await self._set_blocked(name, None, UNBLOCKED_ACTION, by)

    async def is_blocked(self, name: str) -> bool:
        async with self._sessions() as session:
            return await session.scalar(select(Conversation.blocked_at).where(Conversation.id == name)) is not None

    async def blocked_among(self, names: Collection[str]) -> set[str]:
        """Returns the conversations in ``names`` whose data is blocked."""
        async with self._sessions() as session:
            return set(await session.scalars(blocked_conversations().where(Conversation.id.in_(names))))

    async def correct_words(self, name: str, wrong: str, right: str, *, by: UUID | None = None) -> int:
        """Replaces ``wrong`` with ``right`` in the conversation's summaries, topics, notes and complaints (_WRITTEN).

        Returns the number of changed values.
        """
        async with self._sessions.begin() as session:
            words = (wrong, right)
            count = sum([await _replaced(session, name, column, where(name), words) for column, where in _WRITTEN])
            if count:
                session.add(Audit(action=CORRECTED_ACTION, staff_id=by, subject=name, detail={"rows": count}))
            return count

    async def correct_contact(self, name: str, contact: NewContact, *, by: UUID | None = None) -> int:
        """Replaces the contact in the conversation's call-back requests that still have one; returns their number."""
        own = (Callback.conversation_id == name) & Callback.encrypted.is_not(None)
        values = {"contact_kind": contact.kind, "encrypted": contact.encrypted, "shown": contact.shown}
        async with self._sessions.begin() as session:
            changed = await session.execute(update(Callback).where(own).values(**values).returning(Callback.id))
            count = len(changed.all())
            if count:
                session.add(Audit(action=CORRECTED_ACTION, staff_id=by, subject=name, detail={"rows": count}))
            return count

    async def _set_blocked(self, name: str, at: datetime | None, action: str, by: UUID | None) -> bool:
        other = Conversation.blocked_at.is_(None) if at else Conversation.blocked_at.is_not(None)
        statement = update(Conversation).where(Conversation.id == name, other).values(blocked_at=at)
        async with self._sessions.begin() as session:
            changed = await session.scalar(statement.returning(Conversation.id)) is not None
            if changed and at and await _call_pending(session, name):
                raise CallPending()
            if changed:
                session.add(Audit(action=action, staff_id=by, subject=name, detail={}))
            return changed


async def _call_pending(session: AsyncSession, name: str) -> bool:
    """Returns whether a call-back waits in a queue or is being made; one that is not due yet is only hidden."""
    owed = select(Callback.ticket_id).where(Callback.conversation_id == name, Callback.outcome.is_(None))
    at_hand = Ticket.state.in_((TicketState.WAITING, TicketState.CLAIMED, TicketState.SNOOZED))
    return await session.scalar(select(Ticket.id).where(Ticket.id.in_(owed), at_hand).limit(1)) is not None


def _of_tickets(column: Any) -> Any:
    return lambda name: column.in_(select(Ticket.id).where(Ticket.conversation_id == name))


_WRITTEN = (
    (Ticket.summary, lambda name: Ticket.conversation_id == name),
    (Closing.summary, _of_tickets(Closing.ticket_id)),
    (Closing.topic, _of_tickets(Closing.ticket_id)),
    (Note.text, lambda name: Note.conversation_id == name),
    (Complaint.what, lambda name: Complaint.conversation_id == name),
    (Complaint.location, lambda name: Complaint.conversation_id == name),
)


async def _replaced(session: AsyncSession, name: str, column: Any, where: Any, words: tuple[str, str]) -> int:
    """Replaces the first of ``words`` with the second in one column of a conversation's rows; returns their number."""
    table: type[Base] = column.class_
    found = (await session.execute(select(table.__table__).where(where).with_for_update())).mappings().all()
    rows = await decrypt_rows(session, table, found, name) if table in ENCRYPTED else [dict(row) for row in found]
    wrong = [row for row in rows if words[0] in (row[column.key] or "")]
    for row in wrong:
        row[column.key] = row[column.key].replace(*words)
        stored = await encrypt_row(session, table, name, row) if table in ENCRYPTED else row
        own = [one == row[one.name] for one in inspect(table).primary_key]
        await session.execute(update(table).where(*own).values({column: stored[column.key]}))
    return len(wrong)
