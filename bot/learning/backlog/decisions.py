"""Stores editors' decisions about groups of the backlog; decided groups stay hidden for UNTIL."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from sqlalchemy import delete, update

from bot.record.engine import Sessions
from bot.record.tables import BacklogDecision, BacklogItem

UNTIL = timedelta(days=30)


class Kind(StrEnum):
    """An editor's decision about a group; its Spanish name is in ``bandeja.decisiones``."""

    WORDING = "wording"  # utterances of an existing entry
    ENTRY = "entry"  # a new entry
    NOT_OURS = "not_ours"  # a topic of another organization
    IGNORED = "ignored"


class Decisions:
    """The editors' decisions, in PostgreSQL."""

    def __init__(self, sessions: Sessions) -> None:
        self._sessions = sessions

    async def decide(
        self, items: Sequence[int], kind: Kind, *, target: str = "", staff_id: uuid.UUID, name: str
    ) -> int | None:
        """Stores a decision about the items and returns its id; None if others have decided about all of them."""
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
        return made.id

    async def undo(self, id: int, staff_id: uuid.UUID) -> bool:
        """Undoes a decision to ignore, which changed nothing else; only for the person who made it."""
        own = (BacklogDecision.id == id) & (BacklogDecision.staff_id == staff_id)
        ignored = BacklogDecision.kind == Kind.IGNORED.value
        async with self._sessions.begin() as session:
            gone = await session.scalar(delete(BacklogDecision).where(own, ignored).returning(BacklogDecision.id))
        return gone is not None
