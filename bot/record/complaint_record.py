"""Writes complaints into PostgreSQL, and finds complaints for citizens who ask about their state."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from bot.core.event_facts import ComplaintFacts
from bot.core.events import Event
from bot.record.engine import Sessions
from bot.record.tables.complaints import Complaint, ComplaintChange, ComplaintPhoto

MAX_FOUND = 3


class ComplaintState(StrEnum):
    """The state of a complaint, which staff change at the desk."""

    RECEIVED = "received"
    IN_REVIEW = "in_review"
    REFERRED = "referred"
    RESOLVED = "resolved"
    NOT_OURS = "not_ours"


class Notified(StrEnum):
    """The outcome of notifying the citizen of a change: done, or forbidden by the channel's rules."""

    SENT = "sent"
    REFUSED = "refused"


@dataclass(frozen=True)
class ComplaintStatus:
    """The data about a complaint for citizens.

    ``what`` and ``reply`` may be shown only in the conversation in which the complaint was made.
    """

    number: str
    conversation: str
    state: ComplaintState
    unit: str
    at: datetime
    changed_at: datetime
    what: str
    reply: str  # staff's newest reply; '' if there is none


async def write_complaint(
    session: AsyncSession, event: Event, facts: ComplaintFacts, *, channel: str, address: str
) -> None:
    """Adds a complaint with its photos and its first state, unless already stored.

    ``address`` is the citizen's encrypted address, '' on the web.
    """
    at = datetime.fromtimestamp(event.at / 1000, UTC)
    row = {
        "conversation_id": event.conversation,
        "event_id": event.id,
        "number": facts.number,
        "channel": channel,
        "address": address or None,
        "team": facts.team,
        "what": facts.what,
        "location": facts.location,
        "latitude": facts.place.latitude if facts.place else None,
        "longitude": facts.place.longitude if facts.place else None,
        "at": at,
        "state": ComplaintState.RECEIVED,
        "changed_at": at,
    }
    statement = insert(Complaint).values(**row).on_conflict_do_nothing().returning(Complaint.id)
    made = await session.scalar(statement)
    if made is None:
        return
    # The first state needs no notice: the confirmation in the chat already stated it.
    session.add(ComplaintChange(complaint_id=made, at=at, state=ComplaintState.RECEIVED, told=Notified.SENT))
    session.add_all(ComplaintPhoto(complaint_id=made, ref=one.ref, name=one.name) for one in facts.photos)
    await session.flush()


class ComplaintBook:
    """The complaints, for citizens who ask about them; the methods may raise SQLAlchemyError and OSError."""

    def __init__(self, sessions: Sessions) -> None:
        self._sessions = sessions

    async def exists(self, number: str) -> bool:
        """Returns whether a complaint has this number."""
        async with self._sessions() as session:
            return await session.scalar(select(Complaint.id).where(Complaint.number == number).limit(1)) is not None

    async def find(self, number: str, conversation: str) -> ComplaintStatus | None:
        """Returns the newest complaint with this number, of ``conversation`` if it made one; None if there is none.

        Two have the same number only if the second was filed while PostgreSQL was unavailable.
        """
        found = await self._found((Complaint.number == number) & (Complaint.conversation_id == conversation))
        found = found or await self._found(Complaint.number == number)
        return found[0] if found else None

    async def of_conversation(self, conversation: str) -> list[ComplaintStatus]:
        """Returns the newest complaints made in a conversation, at most MAX_FOUND, newest first."""
        return await self._found(Complaint.conversation_id == conversation)

    async def _found(self, which: ColumnElement[bool]) -> list[ComplaintStatus]:
        reply = (
            select(ComplaintChange.reply)
            .where(ComplaintChange.complaint_id == Complaint.id, ComplaintChange.reply != "")
            .order_by(ComplaintChange.id.desc())
            .limit(1)
            .scalar_subquery()
        )
        query = select(Complaint, func.coalesce(reply, "")).where(which).order_by(Complaint.id.desc()).limit(MAX_FOUND)
        async with self._sessions() as session:
            rows = (await session.execute(query)).all()
        return [
            ComplaintStatus(
                number=row.number,
                conversation=row.conversation_id,
                state=ComplaintState(row.state),
                unit=row.unit,
                at=row.at,
                changed_at=row.changed_at,
                what=row.what,
                reply=answer,
            )
            for row, answer in rows
        ]
