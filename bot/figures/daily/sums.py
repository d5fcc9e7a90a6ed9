"""Reads daily sums: finds the days that have them, and adds them up."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncSession

from bot.figures.daily.rollup import WHOLE, version
from bot.figures.segments import EVERYTHING, Selection
from bot.record.tables import EpisodeDay


@dataclass(frozen=True)
class Added:
    """The sums of one channel, kind and key over the days before an Asked's ``middle``, or from it on if ``is_now``.

    ``kind``, ``key`` and the three numbers are those of Row (rollup.py), but each day of kind WHOLE has its own sums,
    with the day (YYYY-MM-DD) as ``key``.
    """

    is_now: bool
    channel: str
    kind: str
    key: str
    first: int
    second: int
    third: int


# One query for the days and one for all other kinds: an expression for the key of each row would cost more.
ADDED = (
    "SELECT day >= :middle, channel, kind, {key}, sum(first)::bigint, sum(second)::bigint, sum(third)::bigint "
    "FROM episode_sums WHERE day >= :start AND day < :end AND day = ANY(:days) AND kind {kinds}{only} "
    "GROUP BY 1, 2, 3, 4"
)
OF_DAYS, OF_OTHERS = {"key": "day::text", "kinds": "= 'day'"}, {"key": "key", "kinds": "= ANY(:kinds)"}
EACH_DAY = (
    "SELECT day, key, sum(first)::bigint FROM episode_sums "
    "WHERE day = ANY(:days) AND kind = :kind AND key = ANY(:keys){only} GROUP BY 1, 2"
)
SOME_FIGURES = " AND (kind <> 'figure' OR key = ANY(:figures))"


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


async def added(
    session: AsyncSession,
    asked: Asked,
    kinds: Collection[str],
    days: Sequence[date],
    figures: Collection[str] | None = None,
) -> list[Added]:
    """Returns the sums of these kinds over ``days``, divided and filtered as ``asked``.

    Of the kind FIGURE returns only ``figures``, or all of them if it is None.
    """
    if not days:
        return []
    only = asked.only.of_sums + (SOME_FIGURES if figures is not None else "")
    facts: dict[str, object] = {"start": asked.start, "middle": asked.middle, "end": asked.end, "days": list(days)}
    facts |= asked.only.sum_values | ({"figures": list(figures)} if figures is not None else {})
    found: list[Added] = []
    if WHOLE in kinds:
        found += await _added(session, ADDED.format(**OF_DAYS, only=only), facts)
    if others := [kind for kind in kinds if kind != WHOLE]:
        found += await _added(session, ADDED.format(**OF_OTHERS, only=only), facts | {"kinds": others})
    return found


async def _added(session: AsyncSession, query: str, facts: Mapping[str, object]) -> list[Added]:
    return [Added(*row) for row in await session.execute(text(query), facts)]


async def numerators_by_day(
    session: AsyncSession, asked: Asked, kind: str, keys: Collection[str], days: Sequence[date]
) -> dict[tuple[date, str], int]:
    """Returns the field ``first`` of the sums of one kind, keyed by (day, key), for the given ``days`` and ``keys``.

    The episodes are filtered as in ``asked``.
    """
    if not days:
        return {}
    facts = {"days": list(days), "kind": kind, "keys": list(keys)} | asked.only.sum_values
    rows = await session.execute(text(EACH_DAY.format(only=asked.only.of_sums)), facts)
    return {(day, key): first for day, key, first in rows}
