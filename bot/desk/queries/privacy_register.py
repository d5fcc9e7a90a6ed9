"""Reads and changes the register of requests about personal data; a change and its audit row are one transaction."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.agency.privacy_settings import RequestKind, extended
from bot.core.errors.base import PermanentError
from bot.core.messages import Author
from bot.desk.auth.audit import Action, add_audit
from bot.record.engine import Sessions
from bot.record.log_order import log_order
from bot.record.privacy_requests import RequestState
from bot.record.tables import Message, PrivacyRequest, Staff
from bot.record.transcripts.rows import gone, read

SHOWN_CLOSED = 50
SHOWN_WORDS, READ_MESSAGES = 5, 20


class NotOpen(PermanentError):
    """The request is unknown or already answered, or its deadline cannot be extended."""

    text_key = "datos.errores.no_abierta"


@dataclass(frozen=True)
class NewRequest:
    """A request that did not come through the chat; ``conversation`` is '' if it concerns no conversation.

    ``channel`` is the way by which it came, a key of ``datos.vias``.
    """

    receipt: str
    kind: RequestKind
    channel: str
    note: str
    conversation: str
    due_at: datetime


class PrivacyRegister:
    """Stores the register in PostgreSQL; methods may raise SQLAlchemyError."""

    def __init__(self, sessions: Sessions) -> None:
        self._sessions = sessions

    async def open(self) -> Sequence[PrivacyRequest]:
        """Returns the open requests, nearest deadline first."""
        query = select(PrivacyRequest).where(PrivacyRequest.state == RequestState.OPEN)
        async with self._sessions() as session:
            return (await session.scalars(query.order_by(PrivacyRequest.due_at))).all()

    async def answered(self) -> Sequence[PrivacyRequest]:
        """Returns the last SHOWN_CLOSED answered requests, newest first."""
        query = select(PrivacyRequest).where(PrivacyRequest.state != RequestState.OPEN)
        async with self._sessions() as session:
            found = await session.scalars(query.order_by(PrivacyRequest.answered_at.desc()).limit(SHOWN_CLOSED))
            return found.all()

    async def every(self) -> Sequence[PrivacyRequest]:
        """Returns all requests that are kept, newest first."""
        async with self._sessions() as session:
            return (await session.scalars(select(PrivacyRequest).order_by(PrivacyRequest.at.desc()))).all()

    async def names(self, requests: Iterable[PrivacyRequest]) -> dict[UUID | None, str]:
        """Returns the names of the accounts that answered the requests, keyed by their ids."""
        ids = {one.answered_by for one in requests if one.answered_by}
        async with self._sessions() as session:
            rows = await session.execute(select(Staff.id, Staff.name).where(Staff.id.in_(ids)))
            return {id: name for id, name in rows.all()}

    async def get(self, receipt: str) -> PrivacyRequest | None:
        async with self._sessions() as session:
            return await session.get(PrivacyRequest, receipt)

    async def explanation(self, request: PrivacyRequest) -> list[str]:
        """Returns the first SHOWN_WORDS texts that the citizen wrote after a request in the chat, oldest first.

        They say why the citizen makes the request, and how to reach them. Buttons that they pressed are left out.
        """
        after = (Message.conversation_id == request.conversation_id) & (Message.at > request.at)
        query = select(Message).where(after, Message.author == Author.CITIZEN).order_by(log_order())
        async with self._sessions() as session:
            rows = await read(session, query.limit(READ_MESSAGES), gone())
        return [row.text for row in rows if row.text and not row.data.get("button")][:SHOWN_WORDS]

    async def note(self, new: NewRequest, *, by: UUID) -> None:
        """Adds a request that did not come through the chat."""
        row = PrivacyRequest(
            receipt=new.receipt,
            conversation_id=new.conversation or None,
            channel=new.channel,
            kind=new.kind.value,
            at=datetime.now(UTC),
            due_at=new.due_at,
            state=RequestState.OPEN.value,
            note=new.note,
        )
        async with self._sessions.begin() as session:
            session.add(row)
            add_audit(session, Action.PRIVACY_NOTED, staff_id=by, subject=new.receipt, kind=new.kind.value)

    async def extend(self, receipt: str, why: str, *, by: UUID, timezone: str) -> PrivacyRequest:
        """Extends the deadline of an open request, counted in the agency's ``timezone``, and returns the request.

        Raises NotOpen if the request is not open, was extended before, or asks to block data.
        """
        async with self._sessions.begin() as session:
            one = await _open_one(session, receipt)
            if one.extension or one.kind == RequestKind.BLOCKING:
                raise NotOpen()
            one.extension, one.due_at = why, extended(one.due_at, timezone)
            add_audit(session, Action.PRIVACY_EXTENDED, staff_id=by, subject=receipt)
        return one

    async def answer(
        self, receipt: str, state: RequestState, answer: str, *, identity: str, by: UUID
    ) -> PrivacyRequest:
        """Closes a request with ``answer`` and returns the request. Raises NotOpen."""
        async with self._sessions.begin() as session:
            one = await _open_one(session, receipt)
            one.state, one.answer, one.identity = state.value, answer, identity
            one.answered_at, one.answered_by = datetime.now(UTC), by
            add_audit(session, Action.PRIVACY_ANSWERED, staff_id=by, subject=receipt, state=state.value)
        return one


async def _open_one(session: AsyncSession, receipt: str) -> PrivacyRequest:
    query = select(PrivacyRequest).where(PrivacyRequest.receipt == receipt, PrivacyRequest.state == RequestState.OPEN)
    one = await session.scalar(query.with_for_update())
    if one is None:
        raise NotOpen()
    return one
