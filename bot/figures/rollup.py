"""Sums the episodes of each day once, so that a page of figures reads sums instead of episodes; exactly the same.

A day is summed when nothing of it depends on the current time any more: its last episode ended a week ago. A trigger of
the database forgets the sums of a day of which an episode changes, in the same transaction.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from functools import cache
from typing import Any, NamedTuple

from sqlalchemy import delete, func, insert, select, text
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncSession

from bot.figures.definitions import FILE, Definition, Measure, definitions
from bot.record.engine import Sessions
from bot.record.tables import Episode, EpisodeDay, EpisodeSum

SETTLES_AFTER = timedelta(days=7)  # the longest time that a definition looks back from now
DAYS_AT_ONCE = 31
LOCK = text("SELECT true FROM pg_advisory_xact_lock(8316025)")  # that of filling.py, which changes episodes


class Kind(StrEnum):
    """What a row of sums is of; each dimension of figures is one, too."""

    FIGURE = "figure"  # key: a figure's id; first: its upper part; second: its lower part
    ENTRY = "entry"  # key: an entry's id; first: its answers; second and third: those that served and did not


# Of each value of a dimension: first: its episodes; second and third: of these, the figures of GROUP_FIGURES.
GROUPS = ("hour", "theme", "reason")
GROUP_FIGURES = ("respondidas", "no_escritas")
WHOLE = "day"  # the dimension whose value is the day itself; its key is ''
ANSWERS = (
    "SELECT day, channel, 'entry', entry, count(*), count(*) FILTER (WHERE useful), count(*) FILTER (WHERE NOT useful) "
    "FROM (SELECT day, channel, unnest(entries) AS entry, unnest(useful) AS useful FROM episodes "
    "WHERE day = ANY(:days) AND NOT drill AND entries <> '{}') AS answers GROUP BY 1, 2, 4"
)


class Row(NamedTuple):
    """A row of sums."""

    day: date
    channel: str
    kind: str
    key: str
    first: int
    second: int
    third: int


def summed() -> dict[str, Definition]:
    """Returns the figures that are sums over episodes, so that days can be added."""
    return {id: one for id, one in definitions().items() if one.measure is Measure.SUM}


@cache
def version() -> str:
    """Returns a name of the definitions, and of what is summed, that changes with them."""
    return hashlib.sha256(FILE.read_bytes() + repr((GROUPS, GROUP_FIGURES, ANSWERS)).encode()).hexdigest()[:16]


def usable(start: date, end: date, now: datetime) -> Any:
    """Selects the days whose sums hold."""
    return select(EpisodeDay.day).where(
        EpisodeDay.day >= start, EpisodeDay.day < end, EpisodeDay.version == version(), EpisodeDay.settled_at <= now
    )


@dataclass(frozen=True)
class Rollups:
    """Sums the days that can be summed."""

    sessions: Sessions

    async def roll(self, now: datetime) -> int:
        """Sums what can be summed, the newest days first, and returns the number of days. Raises SQLAlchemyError."""
        done, before = 0, (now - SETTLES_AFTER).date()
        while days := await self._unsummed(before):
            done += await self._roll(days, now)
            before = min(days)
        return done

    async def _unsummed(self, before: date) -> list[date]:
        """Returns the newest days before ``before`` that have no sums, at most DAYS_AT_ONCE."""
        async with self.sessions() as session:
            first = await session.scalar(select(func.min(Episode.day)))
            if first is None or first >= before:
                return []
            kept = select(EpisodeDay.day).where(EpisodeDay.version == version(), EpisodeDay.day < before)
            summed_days = frozenset(await session.scalars(kept))
        every = (before - timedelta(days=number) for number in range(1, (before - first).days + 1))
        return [day for day in every if day not in summed_days][:DAYS_AT_ONCE]

    async def _roll(self, days: Collection[date], now: datetime) -> int:
        async with self.sessions.begin() as session:
            await session.execute(LOCK)
            ends = await session.execute(
                select(Episode.day, func.max(Episode.ended_at)).where(Episode.day.in_(days)).group_by(Episode.day)
            )
            open_days = {day for day, end in ends if end + SETTLES_AFTER > now}
            settled = sorted(set(days) - open_days)
            rows = [row for kind, query in _queries() for row in await _rows(session, kind, query, settled, now)]
            await session.execute(delete(EpisodeSum).where(EpisodeSum.day.in_(settled)))
            if rows:
                await session.execute(insert(EpisodeSum), [row._asdict() for row in rows])
            marks = [{"day": day, "version": version(), "settled_at": now} for day in settled]
            if marks:
                statement = upsert(EpisodeDay).values(marks)
                newer = {name: statement.excluded[name] for name in ("version", "settled_at")}
                await session.execute(statement.on_conflict_do_update(index_elements=["day"], set_=newer))
            return len(marks)


def _queries() -> Iterator[tuple[str, str]]:
    """Returns the query of each kind; for FIGURE a row has the numbers of all figures, for others it is a Row."""
    sums = ", ".join(f"{one.numerator}, {one.denominator}" for one in summed().values())
    within = "FROM episodes WHERE day = ANY(:days) AND NOT drill"
    yield Kind.FIGURE, f"SELECT day, channel, {sums} {within} GROUP BY 1, 2"
    parts = ", ".join(definitions()[id].numerator for id in GROUP_FIGURES)
    for name in GROUPS:
        yield name, f"SELECT day, channel, '{name}', {name}::text, count(*), {parts} {within} GROUP BY 1, 2, 4"
    yield WHOLE, f"SELECT day, channel, '{WHOLE}', '', count(*), {parts} {within} GROUP BY 1, 2"
    yield Kind.ENTRY, ANSWERS


async def _rows(session: AsyncSession, kind: str, query: str, days: Sequence[date], now: datetime) -> list[Row]:
    values = {"days": list(days)} | ({"now": now} if kind == Kind.FIGURE else {})
    found = (await session.execute(text(query), values)).all()
    if kind != Kind.FIGURE:
        return [Row(*row) for row in found]
    return [
        Row(day, channel, kind, id, int(upper), int(lower), 0)
        for day, channel, *numbers in found
        for id, upper, lower in zip(summed(), numbers[::2], numbers[1::2], strict=True)
    ]


@dataclass(frozen=True)
class Added:
    """Sums over days of one channel; ``is_now``: of those from ``middle`` on. ``key`` of a WHOLE day is the day."""

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
    "WHERE day >= :start AND day < :end AND day = ANY(:days) AND kind = ANY(:kinds) {channel} GROUP BY 1, 2, 3, 4"
)


@dataclass(frozen=True)
class Asked:
    """Days from ``start`` to before ``end``, divided at ``middle``, and the channel, '' for all."""

    start: date
    middle: date
    end: date
    channel: str = ""


async def days_of(session: AsyncSession, asked: Asked, now: datetime) -> tuple[list[date], list[date]]:
    """Returns the days that are summed, and the others, of which the episodes must be read."""
    days = frozenset(await session.scalars(usable(asked.start, asked.end, now)))
    every = [asked.start + timedelta(days=number) for number in range((asked.end - asked.start).days)]
    return sorted(days), [day for day in every if day not in days]


async def added(session: AsyncSession, asked: Asked, kinds: Collection[str], days: Sequence[date]) -> list[Added]:
    """Returns the sums of these kinds over the days."""
    if not days:
        return []
    query = ADDED.format(channel="AND channel = :channel" if asked.channel else "")
    values = {"start": asked.start, "middle": asked.middle, "end": asked.end, "days": list(days)}
    values |= {"kinds": list(kinds)} | ({"channel": asked.channel} if asked.channel else {})
    return [Added(*row) for row in await session.execute(text(query), values)]
