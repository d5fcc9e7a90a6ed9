"""Stores editors' decisions on groups of the backlog; decided groups stay hidden for the time UNTIL."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from sqlalchemy import delete, select, update

from bot.record.engine import Sessions
from bot.record.locks import Lock, take
from bot.record.tables import Audit, BacklogDecision, BacklogItem

DECIDED_ACTION, UNDONE_ACTION = "backlog_decided", "backlog_undone"
UNTIL = timedelta(days=30)
RECENT, MOST_RECENT = timedelta(hours=24), 20  # maximum age and number of decisions that the page offers to undo


class Kind(StrEnum):
    """An editor's decision on a group; its Spanish name is in ``bandeja.decisiones``."""

    UTTERANCE = "wording"  # as in the record; utterances of an existing entry
    COUNTEREXAMPLE = "counterexample"  # counterexamples of an existing entry
    ENTRY = "entry"  # a new entry
    NOT_OURS = "not_ours"  # a topic of another organization
    IGNORED = "ignored"


@dataclass(frozen=True)
class Decided:
    """A decision on a group of masked texts.

    ``target`` is the id of an entry's document, or of a topic in the agency's own list; '' if the group was ignored.
    """

    id: int
    kind: Kind
    target: str
    at: datetime
    texts: tuple[str, ...]


class Decisions:
    """The editors' decisions, in PostgreSQL; every method may raise SQLAlchemyError."""

    def __init__(self, sessions: Sessions) -> None:
        self._sessions = sessions
        self._others = asyncio.Lock()  # else those who wait for the lock of the database hold all its connections

    async def decide(
        self, items: Sequence[int], kind: Kind, *, target: str = "", staff_id: uuid.UUID, name: str
    ) -> int | None:
        """Stores a decision on the undecided ``items``, and returns its id; None if all are decided already.

        ``target`` is that of Decided, and ``name`` is the name of the member of staff.
        """
        async with self._sessions.begin() as session:
            made = BacklogDecision(until=datetime.now(UTC) + UNTIL, kind=kind.value, target=target)
            made.staff_id, made.name = staff_id, name
            session.add(made)
            await session.flush()
            waiting = update(BacklogItem).where(BacklogItem.id.in_(items), BacklogItem.decision_id.is_(None))
            decided = await session.scalars(waiting.values(decision_id=made.id).returning(BacklogItem.id))
            if not decided.all():
                await session.delete(made)
                return None
            session.add(_audited(DECIDED_ACTION, staff_id, made.id, what=kind.value, items=len(items)))
        return made.id

    @asynccontextmanager
    async def alone_with(self, items: Sequence[int]) -> AsyncIterator[bool]:
        """Lets nobody else change the agency's list of other topics during the block.

        Yields whether one of ``items`` is undecided.
        """
        undecided = BacklogItem.id.in_(items) & BacklogItem.decision_id.is_(None)
        async with self._others, self._sessions.begin() as session:
            await take(session, Lock.OTHER_TOPICS)
            yield await session.scalar(select(BacklogItem.id).where(undecided).limit(1)) is not None

    async def of(self, id: int, staff_id: uuid.UUID) -> Decided | None:
        """Returns a decision of this person; None if there is none with this id."""
        async with self._sessions() as session:
            made = await session.get(BacklogDecision, id)
            if made is None or made.staff_id != staff_id:
                return None
            query = select(BacklogItem.text).where(BacklogItem.decision_id == id).order_by(BacklogItem.id)
            texts = await session.scalars(query)
            return Decided(id, Kind(made.kind), made.target, made.at, tuple(texts))

    async def recent(self, staff_id: uuid.UUID, now: datetime) -> list[Decided]:
        """Returns this person's newest MOST_RECENT decisions within RECENT, except those whose texts were deleted."""
        own = (BacklogDecision.staff_id == staff_id) & (BacklogDecision.at > now - RECENT)
        query = select(BacklogDecision.id).where(own).order_by(BacklogDecision.id.desc()).limit(MOST_RECENT)
        async with self._sessions() as session:
            ids = (await session.scalars(query)).all()
        found = [await self.of(id, staff_id) for id in ids]
        return [one for one in found if one and one.texts]

    async def undo(self, id: int, staff_id: uuid.UUID) -> bool:
        """Deletes a decision, so that its group waits again; returns False unless this person made the decision."""
        own = (BacklogDecision.id == id) & (BacklogDecision.staff_id == staff_id)
        async with self._sessions.begin() as session:
            gone = await session.scalar(delete(BacklogDecision).where(own).returning(BacklogDecision.id))
            if gone is not None:
                session.add(_audited(UNDONE_ACTION, staff_id, id))
        return gone is not None


def _audited(action: str, by: uuid.UUID, decision: int, **detail: object) -> Audit:
    return Audit(action=action, staff_id=by, subject=str(decision), detail=detail)
