"""Stores which steps of a notice's checklist are done, with the person and the time."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert as upsert

from bot.record.engine import Sessions
from bot.record.tables import NoticeStep


class Steps:
    """Stores in PostgreSQL which steps of the notices' checklists are done."""

    def __init__(self, sessions: Sessions) -> None:
        self._sessions = sessions

    async def of(self, numbers: Collection[int]) -> Mapping[int, Sequence[NoticeStep]]:
        """Maps the number of each notice to its completed steps, oldest first."""
        found: defaultdict[int, list[NoticeStep]] = defaultdict(list)
        query = select(NoticeStep).where(NoticeStep.number.in_(numbers)).order_by(NoticeStep.at, NoticeStep.step)
        async with self._sessions() as session:
            for one in await session.scalars(query):
                found[one.number].append(one)
        return found

    async def tick(self, number: int, done: Collection[str], seen: Collection[str], name: str) -> None:
        """Stores the steps that ``name`` ticked, and deletes those that they unticked.

        ``seen`` are the steps that were ticked when their page was loaded, ``done`` those that are ticked now. A step
        in both keeps its person and time; steps that others ticked meanwhile stay.
        """
        undone = [step for step in seen if step not in done]
        async with self._sessions.begin() as session:
            await session.execute(delete(NoticeStep).where(NoticeStep.number == number, NoticeStep.step.in_(undone)))
            for step in [step for step in done if step not in seen]:
                row = {"number": number, "step": step, "name": name}
                await session.execute(upsert(NoticeStep).values(row).on_conflict_do_nothing())
