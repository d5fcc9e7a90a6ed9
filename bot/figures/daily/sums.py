"""Reads daily sums: finds the days that have them, and adds them up."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncSession

from bot.figures.daily.rollup import version
from bot.figures.segments import EVERYTHING, Selection
from bot.record.tables import EpisodeDay


@dataclass(frozen=True)
class Added:
    """The sums of one channel over the days before ``middle``, or since ``middle`` if ``is_now``; see Row.

    The ``key`` of kind WHOLE is the day.
    """

    is_now: bool
    channel: str
    kind: str
    key: str
    first: int
    second: int
    third: int


ADDED = (
    "SELECT day >= :middle, channel, kind, CASE kind WHEN 'day' THEN day::text ELSE key END, "
    "sum(first)::bigint, sum(second)::bigint, sum(third)::bigint FROM episode_sums "
    "WHERE day >= :start AND day < :end AND day = ANY(:days) AND kind = ANY(:kinds){only} GROUP BY 1, 2, 3, 4"
)


@dataclass(frozen=True)
class Asked:
    """A request for sums over the days from ``start`` (included) to ``end`` (excluded), divided at ``middle``.

    ``only`` selects the episodes.
    """

    start: date
    middle: date
    end: date
    only: Selection = EVERYTHING


@dataclass(frozen=True)
class Days:
    """The days of a request.

    ``summed`` have sums; ``open`` are those of them whose sums lack the figures in ``timed``; ``others`` have no sums.
    """

    summed: list[date]
    open: list[date]
    others: list[date]


async def days_of(session: AsyncSession, asked: Asked, now: datetime) -> Days:
    """Divides the days of a request into those with sums that are valid at ``now`` and the others.

    For a part of a segment, open days count as days without sums.
    """
    every = [asked.start + timedelta(days=number) for number in range((asked.end - asked.start).days)]
    query = select(EpisodeDay.day, EpisodeDay.settled_at.is_(None)).where(
        EpisodeDay.day >= asked.start,
        EpisodeDay.day < asked.end,
        EpisodeDay.version == version(),
        EpisodeDay.settled_at.is_(None) | (EpisodeDay.settled_at <= now),
    )
    if part := asked.only.part:
        query = query.where(EpisodeDay.settled_at.is_not(None), EpisodeDay.segments.contains([part.segment]))
    found = {day: is_open for day, is_open in (await session.execute(query)).all()}
    return Days(sorted(found), sorted(day for day in found if found[day]), [day for day in every if day not in found])


async def added(session: AsyncSession, asked: Asked, kinds: Collection[str], days: Sequence[date]) -> list[Added]:
    """Returns the sums of these kinds over ``days``, divided and filtered as ``asked``."""
    if not days:
        return []
    query = ADDED.format(only=asked.only.of_sums)
    facts = {"start": asked.start, "middle": asked.middle, "end": asked.end, "days": list(days)}
    facts |= {"kinds": list(kinds)} | asked.only.sum_values
    return [Added(*row) for row in await session.execute(text(query), facts)]
