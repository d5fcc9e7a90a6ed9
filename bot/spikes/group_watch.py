"""Checks each minute for groups of citizens who ask the same question, which no entry answers; a part of SpikeWatch."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

import httpx
import numpy as np
from sqlalchemy import delete, func, select, tuple_, update
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncSession

from bot.core.logs import log
from bot.learning.backlog.embedding import Embedding
from bot.learning.backlog.grouping import Vectors, near_any
from bot.record.engine import Sessions
from bot.record.tables import Spike, SpikeGroup, SpikeQuestion
from bot.spikes.alarms import OPEN, QUIET
from bot.spikes.detector import Surprise
from bot.spikes.groups import LONGEST_MIN, SIMILAR, WEIGHT, Asked, Gathered, Grown, gathered, grown
from bot.spikes.history import BASE_DAYS, DAYS, GROUP, REPLAY_DAYS, History
from bot.spikes.questions import drop_questions, embed_questions, unpacked
from bot.spikes.replay import LEARNING_DAYS, UNTRIED, Rules

DAY = timedelta(days=1)
UNTRIED_GROUP = 3 * UNTRIED / WEIGHT  # loosest threshold while groups of fewer than REPLAY_DAYS days are known
MARK = 0  # window of a row that says that groups were looked for on that day
Key = tuple[str, str]  # conversation and event of a question


class Question(NamedTuple):
    """A stored question whose vector is computed; ``at`` is when the citizen asked it, ``vector`` is float16."""

    conversation_id: str
    event_id: str
    at: datetime
    vector: bytes


@dataclass(frozen=True)
class NewGroup:
    """A group that raises an alarm, with its questions."""

    surprise: Surprise
    questions: tuple[Key, ...]


class GroupWatch:
    """Finds new groups in one installation; ``embedding`` computes the vectors of questions."""

    def __init__(self, sessions: Sessions, embedding: Embedding, timezone: str) -> None:
        self._sessions, self._embedding, self._zone = sessions, embedding, ZoneInfo(timezone)
        self._tried = False

    async def begin_day(self, session: AsyncSession, history: History, end: datetime) -> list[Grown]:
        """Returns the groups of the last weeks, deletes old rows, and records that groups are searched for today.

        Raises SQLAlchemyError.
        """
        await drop_questions(session, end)
        await session.execute(delete(SpikeGroup).where(SpikeGroup.at < end - DAYS * DAY))
        mark = {"at": end, "window": MARK, "citizens": 0, "expected": 0.0}
        await session.execute(upsert(SpikeGroup).values(mark).on_conflict_do_nothing())
        oldest = await session.scalar(select(func.min(SpikeGroup.at)))
        self._tried = oldest is not None and oldest <= end - REPLAY_DAYS * DAY
        rows = await session.scalars(select(SpikeGroup).where(SpikeGroup.window != MARK))
        return [Grown(history.index(one.at, self._zone), one.window, one.citizens, one.expected) for one in rows]

    async def found(self, rules: Rules, history: History, end: datetime) -> list[NewGroup]:
        """Returns the groups before the minute ``end`` that raise an alarm, and stores the most unusual groups.

        Returns [] while the stored questions span less than LEARNING_DAYS. Raises SQLAlchemyError.
        """
        try:
            await embed_questions(self._sessions, self._embedding)
        except httpx.HTTPError as error:
            log.warning("spikes: questions not embedded", error=type(error).__name__)
        async with self._sessions() as session:
            recent = await self._open_questions(session, end)
            groups = gathered(self._asked(recent, history), history.index(end, self._zone))
            if not groups:
                return []
            before = await _questions(session, end - BASE_DAYS * DAY, end)
        if before[0].at > end - LEARNING_DAYS * DAY:
            return []
        new = await asyncio.to_thread(self._compared, groups, before, rules, history, end)
        await self._keep([one for _, one in new], rules, end)
        limit = rules.threshold if self._tried else min(rules.threshold, UNTRIED_GROUP)
        return [_new(group, one, rules, recent) for group, one in new if rules.chance(one) <= limit]

    async def mark(self, session: AsyncSession, groups: Sequence[NewGroup], spike: Spike) -> None:
        """Stores which questions belong to an alarm, so that its card can show examples of them."""
        keys = [key for one in groups for key in one.questions]
        mine = tuple_(SpikeQuestion.conversation_id, SpikeQuestion.event_id).in_(keys)
        await session.execute(update(SpikeQuestion).where(mine).values(spike_id=spike.id))

    async def _open_questions(self, session: AsyncSession, end: datetime) -> list[Question]:
        """Returns the newest questions, except those that mean the same as an alarm closed less than QUIET ago."""
        recent = await _questions(session, end - timedelta(minutes=LONGEST_MIN), end)
        closed = select(Spike.id).where(Spike.closed_at > end - QUIET, Spike.state != OPEN)
        of_closed = SpikeQuestion.spike_id.in_(closed) & SpikeQuestion.vector.is_not(None)
        rows = (await session.execute(select(SpikeQuestion.spike_id, SpikeQuestion.vector).where(of_closed))).all()
        if not rows or not recent:
            return recent
        sums = [
            unpacked([vector for id, vector in rows if id == spike and vector]).sum(axis=0)
            for spike in dict.fromkeys(id for id, _ in rows)
        ]
        means: Vectors = np.stack([one / max(float(np.linalg.norm(one)), 1e-6) for one in sums])
        again = near_any(self._vectors(recent), means, SIMILAR)
        return [one for one, known in zip(recent, again.tolist(), strict=True) if not known]

    def _compared(
        self, groups: Sequence[Gathered], before: Sequence[Question], rules: Rules, history: History, end: datetime
    ) -> list[tuple[Gathered, Grown]]:
        """Returns the groups that are new, with their expected numbers."""
        known, at = self._asked(before, history), history.index(end, self._zone)
        unknown = rules.unknown(history, at)
        return [(one, new) for one in groups if (new := grown(one, known, at, unknown))]

    async def _keep(self, compared: Sequence[Grown], rules: Rules, end: datetime) -> None:
        """Stores the most unusual group of each window."""
        strongest = {one.window: one for one in sorted(compared, key=rules.chance, reverse=True)}
        if not strongest:
            return
        rows = [
            {"at": end, "window": one.window, "citizens": one.citizens, "expected": one.expected}
            for one in strongest.values()
        ]
        async with self._sessions.begin() as session:
            await session.execute(upsert(SpikeGroup).values(rows).on_conflict_do_nothing())

    def _asked(self, rows: Sequence[Question], history: History) -> Asked:
        numbers: dict[str, int] = {}
        citizens = [numbers.setdefault(one.conversation_id, len(numbers)) for one in rows]
        minutes = [history.index(one.at, self._zone) for one in rows]
        return Asked(np.array(minutes, np.intp), np.array(citizens, np.intp), self._vectors(rows))

    @staticmethod
    def _vectors(rows: Sequence[Question]) -> Vectors:
        return unpacked([one.vector for one in rows])


async def _questions(session: AsyncSession, start: datetime, end: datetime) -> list[Question]:
    columns = [getattr(SpikeQuestion, name) for name in Question._fields]
    within = (SpikeQuestion.at >= start) & (SpikeQuestion.at < end) & SpikeQuestion.vector.is_not(None)
    rows = (await session.execute(select(*columns).where(within).order_by(SpikeQuestion.at))).all()
    return [Question._make(row) for row in rows]


def _new(group: Gathered, one: Grown, rules: Rules, recent: Sequence[Question]) -> NewGroup:
    surprise = Surprise(one.end - 1, -1, one.window, one.citizens, one.expected, rules.chance(one))
    return NewGroup(surprise, tuple((recent[row].conversation_id, recent[row].event_id) for row in group.members))


def named(groups: Sequence[NewGroup]) -> list[tuple[str, Surprise]]:
    """Pairs the anomaly of each group with the name of the groups' stream."""
    return [(GROUP, one.surprise) for one in groups]
