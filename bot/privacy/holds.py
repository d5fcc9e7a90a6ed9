"""Keeps legal holds: no data of a held conversation are deleted, even if the citizen asks, until the hold is lifted.

A hold has a reason and a review day, but does not end by itself on that day.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.core.errors.base import PermanentError
from bot.record.engine import Sessions
from bot.record.tables import Audit, Conversation, ErasedConversation, LegalHold

PLACED_ACTION, LIFTED_ACTION = "hold_placed", "hold_lifted"


class Held(PermanentError):
    """The conversation is under a legal hold."""

    text_key = "privacidad.errores.retenida"


class NotHoldable(PermanentError):
    """The conversation is already held, is being erased, or is not in the record."""

    text_key = "privacidad.errores.no_se_retiene"


class LegalHolds:
    """The holds in PostgreSQL; each change and its audit row are one transaction. Methods may raise SQLAlchemyError."""

    def __init__(self, sessions: Sessions) -> None:
        self._sessions = sessions

    async def place(self, name: str, reason: str, review_on: date, *, by: UUID | None = None, who: str = "") -> None:
        """Places a legal hold on the conversation with the id ``name``, to be reviewed on the day ``review_on``.

        ``who`` is the name of the account ``by``. Raises NotHoldable.
        """
        async with self._sessions.begin() as session:
            found = await _locked(session, name)
            erased = (ErasedConversation.conversation_id == name) & (ErasedConversation.at >= found.started_at)
            if await session.get(LegalHold, name) or await session.scalar(select(ErasedConversation).where(erased)):
                raise NotHoldable()
            hold = {"conversation_id": name, "reason": reason, "review_on": review_on, "at": datetime.now(UTC)}
            session.add(LegalHold(**hold, placed_by=by, name=who))
            detail = {"review_on": review_on.isoformat()}
            session.add(Audit(action=PLACED_ACTION, staff_id=by, subject=name, detail=detail))

    async def lift(self, name: str, *, by: UUID | None = None) -> bool:
        """Ends a hold; returns False if there is none."""
        async with self._sessions.begin() as session:
            own = LegalHold.conversation_id == name
            lifted = await session.scalar(delete(LegalHold).where(own).returning(LegalHold.conversation_id)) is not None
            if lifted:
                session.add(Audit(action=LIFTED_ACTION, staff_id=by, subject=name, detail={}))
            return lifted

    async def is_held(self, name: str) -> bool:
        async with self._sessions() as session:
            return await session.get(LegalHold, name) is not None

    async def all(self) -> Sequence[LegalHold]:
        """Returns the holds, the next to review first."""
        async with self._sessions() as session:
            return (await session.scalars(select(LegalHold).order_by(LegalHold.review_on, LegalHold.at))).all()


async def refuse_if_held(session: AsyncSession, name: str) -> None:
    """Raises Held if the conversation is held; else no hold can be placed before the caller's transaction ends."""
    await session.execute(select(Conversation.id).where(Conversation.id == name).with_for_update())
    if hold := await session.get(LegalHold, name):
        raise Held(razon=hold.reason, revisar=f"{hold.review_on:%d-%m-%Y}")


async def _locked(session: AsyncSession, name: str) -> Conversation:
    """Locks and returns the conversation. Raises NotHoldable if the record has none of this name."""
    found = await session.scalar(select(Conversation).where(Conversation.id == name).with_for_update())
    if found is None:
        raise NotHoldable()
    return found
