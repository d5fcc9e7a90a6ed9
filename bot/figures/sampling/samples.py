"""Provides sampled answers for judging, stores the verdicts, and pools them over weeks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import func, select, update

from bot.figures.sampling.estimate import Estimate, Judgement, estimate
from bot.record.engine import Sessions
from bot.record.tables import SampledAnswer, SampleWeek
from bot.record.tables.privacy import blocked_conversations

# Pooled weeks -> minimum number of them with a verdict. One week alone has too few answers.
POOLS = {4: 3, 13: 9}
_SHOWN = SampledAnswer.question.is_not(None) & SampledAnswer.conversation_id.not_in(blocked_conversations())


class Verdict(StrEnum):
    """A person's verdict on a sampled answer."""

    GOOD = "good"
    BAD = "bad"
    UNSURE = "unsure"


@dataclass(frozen=True)
class Task:
    """An answer to judge, without its entry and probability, which could influence the verdict."""

    id: int
    question: str
    answer: str


@dataclass(frozen=True)
class Progress:
    """The progress of judging the newest week; ``week`` is its Monday, None before the first sample."""

    week: date | None
    judged: int
    total: int

    @property
    def left(self) -> int:
        return self.total - self.judged


@dataclass(frozen=True)
class Pool:
    """The results of the newest ``weeks``: numbers of judged and undecided (``unsure``) answers, and the estimate."""

    weeks: int
    judged: int
    unsure: int
    estimate: Estimate


@dataclass(frozen=True)
class Judged:
    """The number of an entry's answers that were judged, and of those that were wrong."""

    bad: int
    count: int


NOT_JUDGED = Judged(0, 0)


@dataclass(frozen=True)
class Samples:
    """Reads and writes the verdicts; every method may raise SQLAlchemyError."""

    sessions: Sessions

    async def progress(self) -> Progress:
        """Returns the progress of the newest week; unjudged answers whose text is deleted or blocked do not count."""
        async with self.sessions() as session:
            week = await session.scalar(select(func.max(SampleWeek.week)))
            of_week = SampledAnswer.week == week
            seen = SampledAnswer.verdict.is_not(None) | _SHOWN
            counts = select(func.count(SampledAnswer.verdict), func.count()).where(of_week, seen)
            judged, total = (await session.execute(counts)).one()
        return Progress(week, judged, total)

    async def next(self, skipped: Sequence[int] = ()) -> Task | None:
        """Returns the next unjudged answer of the newest week, except the ``skipped`` ids, or None."""
        week = select(func.max(SampleWeek.week)).scalar_subquery()
        query = (
            select(SampledAnswer)
            .where(SampledAnswer.week == week, SampledAnswer.verdict.is_(None), _SHOWN)
            .where(SampledAnswer.id.not_in(skipped))
            .order_by(SampledAnswer.id)
            .limit(1)
        )
        async with self.sessions() as session:
            return _task(await session.scalar(query))

    async def last_of(self, staff: UUID) -> Task | None:
        """Returns the answer that a person judged last and whose text is neither deleted nor blocked, or None."""
        query = (
            select(SampledAnswer)
            .where(SampledAnswer.judged_by == staff, _SHOWN)
            .order_by(SampledAnswer.judged_at.desc())
            .limit(1)
        )
        async with self.sessions() as session:
            return _task(await session.scalar(query))

    async def judge(self, id: int, verdict: Verdict, by: UUID) -> bool:
        """Stores a verdict, or replaces the same person's earlier one; returns whether it was stored.

        Returns False if somebody else judged the answer, its text is deleted or blocked, or there is no such answer.
        """
        own = SampledAnswer.judged_by.is_(None) | (SampledAnswer.judged_by == by)
        change = (
            update(SampledAnswer)
            .where(SampledAnswer.id == id, own, _SHOWN)
            .values(verdict=verdict.value, judged_by=by, judged_at=datetime.now(UTC))
            .returning(SampledAnswer.id)
        )
        async with self.sessions.begin() as session:
            return await session.scalar(change) is not None

    async def pools(self, since: date = date.min, until: date = date.max) -> list[Pool]:
        """Returns the pools with enough judged weeks.

        Only weeks count that begin on ``since`` or later, and before ``until``.
        """
        columns = (SampledAnswer.week, SampledAnswer.verdict, SampledAnswer.chance)
        async with self.sessions() as session:
            within = SampleWeek.week >= since, SampleWeek.week < until
            newest = select(SampleWeek.week).where(*within).order_by(SampleWeek.week.desc())
            weeks = list(await session.scalars(newest.limit(max(POOLS))))
            of_weeks = SampledAnswer.verdict.is_not(None), SampledAnswer.week.in_(weeks)
            found = await session.execute(select(*columns).where(*of_weeks))
            rows = [(week, Verdict(said), chance) for week, said, chance in found if said]
        return [pool for count, least in POOLS.items() if (pool := _pool(count, least, weeks[:count], rows))]

    async def judged_entries(self) -> dict[str, Judged]:
        """Returns the verdicts on each entry's answers in the weeks of the longest pool."""
        newest = select(SampleWeek.week).order_by(SampleWeek.week.desc()).limit(max(POOLS))
        bad = func.count().filter(SampledAnswer.verdict == Verdict.BAD.value)
        judged = SampledAnswer.verdict.in_((Verdict.GOOD.value, Verdict.BAD.value))
        query = (
            select(SampledAnswer.entry, bad, func.count())
            .where(judged, SampledAnswer.week.in_(newest))
            .group_by(SampledAnswer.entry)
        )
        async with self.sessions() as session:
            return {entry: Judged(wrong, count) for entry, wrong, count in await session.execute(query)}

    async def wrong_entries(self) -> list[tuple[str, int]]:
        """Returns (entry, number of wrong answers) for the weeks of the longest pool, most wrong answers first."""
        newest = select(SampleWeek.week).order_by(SampleWeek.week.desc()).limit(max(POOLS))
        count = func.count().label("count")
        query = (
            select(SampledAnswer.entry, count)
            .where(SampledAnswer.verdict == Verdict.BAD.value, SampledAnswer.week.in_(newest))
            .group_by(SampledAnswer.entry)
            .order_by(count.desc(), SampledAnswer.entry)
        )
        async with self.sessions() as session:
            return [(entry, number) for entry, number in await session.execute(query)]


def _pool(count: int, least: int, weeks: Sequence[date], rows: Sequence[tuple[date, Verdict, float]]) -> Pool | None:
    of_pool = [(week, said, chance) for week, said, chance in rows if week in weeks]
    judgements = [Judgement(chance, said is Verdict.BAD) for _, said, chance in of_pool if said is not Verdict.UNSURE]
    if len({week for week, _, _ in of_pool}) < least or not judgements:
        return None
    return Pool(count, len(judgements), len(of_pool) - len(judgements), estimate(judgements))


def _task(row: SampledAnswer | None) -> Task | None:
    return Task(row.id, row.question or "", row.answer or "") if row else None
