"""Sums the episodes of each day once, so that a page of figures reads sums instead of episodes, with equal results.

The sums of a day are complete once its numbers no longer depend on the current time: a week after its last episode
ended. Until then the day is open (so today always is): its sums lack the figures that depend on the current time, which
are counted from the day's episodes instead. A database trigger makes a day's sums invalid when one of its episodes or
of its WindowDay rows changes, in the same transaction.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from functools import cache
from typing import Any, NamedTuple

from sqlalchemy import delete, func, insert, select, text
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncSession

from bot.figures.daily import people, values
from bot.figures.definitions import FILE, Definition, Measure, Table, definitions, of_table
from bot.figures.segments import EVERYTHING, SEPARATOR, Part, Selection
from bot.record.engine import Sessions
from bot.record.locks import Lock, take
from bot.record.tables import Episode, EpisodeDay, EpisodeMark, EpisodeSum, EpisodeValues

SETTLES_AFTER = timedelta(days=7)  # the longest time that a definition looks back from now
DAYS_AT_ONCE = 7  # summed in one transaction, during which no episodes are filled
DAY = timedelta(days=1)


class Kind(StrEnum):
    """The kind of a row of sums; the dimensions in GROUPS and WHOLE are further kinds."""

    FIGURE = "figure"  # key: a figure's id; first: its numerator; second: its denominator
    SEGMENT = "segment"  # key: segment, value and a figure's id, separated by SEPARATOR; numbers as those of FIGURE
    WINDOW = "window"  # as FIGURE, of the figures about reply windows
    ENTRY = "entry"  # key: an entry's id; first: its answers; second: useful ones; third: useless ones


# Rows of a dimension have the dimension's value as key; first: its episodes; second and third: GROUP_FIGURES.
GROUPS = ("hour", "theme", "reason")
GROUP_FIGURES = ("respondidas", "no_escritas")
SEGMENT_FIGURES = ("conversaciones", "respondidas", "atendidas", "sin_respuesta", "resueltas")
WHOLE = "day"  # the dimension whose value is the day itself; its key is ''


class Row(NamedTuple):
    """A row of sums; Kind documents the meaning of ``key`` and of the numbers."""

    day: date
    channel: str
    kind: str
    key: str
    first: int
    second: int
    third: int


def summed() -> dict[str, Definition]:
    """Returns the figures that are sums over episodes, so that the numbers of days can be added."""
    return {id: one for id, one in of_table(Table.EPISODES).items() if one.measure is Measure.SUM}


@cache
def timed() -> frozenset[str]:
    """Returns the ids of those sums that depend on the current time."""
    return frozenset(id for id, one in summed().items() if ":now" in f"{one.where} {one.among} {one.amount}")


@cache
def version() -> str:
    """Returns a hash (16 hex digits) of the figures' definitions and of the summed columns.

    Sums with another version are not used.
    """
    columns = repr((*_queries(EVERYTHING), *values.queries(""), people.query("")))
    return hashlib.sha256(FILE.read_bytes() + columns.encode()).hexdigest()[:16]


@dataclass(frozen=True)
class Rollups:
    """Sums the episodes of each day, including today.

    ``segments`` are the keys of the segments whose parts also get sums of their own, once a day is no longer open.
    """

    sessions: Sessions
    segments: Collection[str] = ()

    async def roll(self, now: datetime) -> int:
        """Sums all days up to today without valid sums, newest first; returns their number. Raises SQLAlchemyError."""
        done, before = 0, (now + 2 * DAY).date()  # east of UTC it is tomorrow already
        while days := await self._unsummed(before, (now - SETTLES_AFTER).date()):
            done += await self._roll(days, now)
            before = min(days)
        return done

    async def _unsummed(self, before: date, settles: date) -> list[date]:
        """Returns at most DAYS_AT_ONCE days before ``before`` whose sums are missing or incomplete, newest first.

        Days since ``settles`` are open: their sums cannot be completed yet, so they do not count as incomplete.
        """
        async with self.sessions() as session:
            first, last = (await session.execute(select(func.min(Episode.day), func.max(Episode.day)))).one()
            if first is None or first >= before:
                return []
            before = min(before, last + DAY)
            is_whole = EpisodeDay.settled_at.is_not(None) & EpisodeDay.segments.contains(list(self.segments))
            is_kept = is_whole | EpisodeDay.settled_at.is_(None) & (EpisodeDay.day >= settles)
            kept = select(EpisodeDay.day).where(EpisodeDay.version == version(), EpisodeDay.day < before, is_kept)
            summed_days = frozenset(await session.scalars(kept))
        every = (before - timedelta(days=number) for number in range(1, (before - first).days + 1))
        return [day for day in every if day not in summed_days][:DAYS_AT_ONCE]

    async def _roll(self, days: Collection[date], now: datetime) -> int:
        async with self.sessions.begin() as session:
            await take(session, Lock.EPISODES)
            open_days = await _open(session, days, now)
            done = open_days & await _summed_open(session, days)
            ready = sorted(set(days) - done - await _unnumbered(session, days))
            for table in (EpisodeSum, EpisodeValues):
                await session.execute(delete(table).where(table.day.in_(ready)))
            await _sum(session, ready, EVERYTHING, now, open_days)
            settled = [day for day in ready if day not in open_days]
            for part in await _parts(session, settled, self.segments):
                await _sum(session, settled, Selection(part=part), now)
            marks = [self._mark(day, None if day in open_days else now) for day in ready]
            if marks:
                statement = upsert(EpisodeDay).values(marks)
                newer = {name: statement.excluded[name] for name in ("version", "settled_at", "segments")}
                await session.execute(statement.on_conflict_do_update(index_elements=["day"], set_=newer))
            return len(marks)

    def _mark(self, day: date, settled_at: datetime | None) -> dict[str, Any]:
        """Returns the row that makes a day's sums valid."""
        segments = list(self.segments) if settled_at else []
        return {"day": day, "version": version(), "settled_at": settled_at, "segments": segments}


async def _sum(
    session: AsyncSession, days: Sequence[date], only: Selection, now: datetime, open_days: Collection[date] = ()
) -> None:
    """Writes the sums and values of ``days``; leaves out the figures in ``timed`` for the days in ``open_days``."""
    facts = {"days": list(days)} | only.values
    rows = [row for kind, query in _queries(only) for row in await _rows(session, kind, query, facts | {"now": now})]
    rows = [row for row in rows if not (row.day in open_days and _figure_of(row) in timed())]
    key = only.part.key if only.part else ""
    if rows:
        await session.execute(insert(EpisodeSum), [row._asdict() | {"part": key} for row in rows])
    condition = values.WITHIN + only.condition
    sources = [*values.queries(condition), people.query(condition)]
    await values.keep(session, key, sources, facts)


async def _parts(session: AsyncSession, days: Sequence[date], segments: Collection[str]) -> list[Part]:
    """Returns the parts of ``segments`` that have episodes on ``days``."""
    query = select(Episode.segments).where(Episode.day.in_(days), Episode.drill.is_(False)).distinct()
    known = list(await session.scalars(query)) if days and segments else []
    return sorted({Part(key, one.get(key, "")) for key in segments for one in known}, key=lambda part: part.key)


def _figure_of(row: Row) -> str:
    """Returns the id of the figure that the row sums; '' for other rows."""
    return row.key.rpartition(SEPARATOR)[2] if row.kind in {Kind.FIGURE, Kind.SEGMENT} else ""


async def _open(session: AsyncSession, days: Collection[date], now: datetime) -> set[date]:
    """Returns the days with an episode that, at ``now``, has not ended or ended less than SETTLES_AFTER ago."""
    query = (
        select(Episode.day)
        .where(Episode.day.in_(days))
        .group_by(Episode.day)
        .having(func.max(Episode.ended_at) > now - SETTLES_AFTER)
    )
    return set(await session.scalars(query))


async def _summed_open(session: AsyncSession, days: Collection[date]) -> set[date]:
    """Returns the days that this version has already summed as open days (see EpisodeDay)."""
    is_open = (EpisodeDay.version == version()) & EpisodeDay.settled_at.is_(None)
    return set(await session.scalars(select(EpisodeDay.day).where(EpisodeDay.day.in_(days), is_open)))


async def _unnumbered(session: AsyncSession, days: Collection[date]) -> set[date]:
    """Returns the days with a conversation that has no number, because its episodes were not written by Filling."""
    query = (
        select(Episode.day)
        .outerjoin(EpisodeMark, EpisodeMark.conversation_id == Episode.conversation_id)
        .where(Episode.day.in_(days), Episode.conversation_id.is_not(None), EpisodeMark.number.is_(None))
    )
    return set(await session.scalars(query.distinct()))


def _queries(only: Selection) -> Iterator[tuple[str, str]]:
    """Yields each kind of row with the query that computes the rows of this kind.

    The rows of FIGURE, SEGMENT and WINDOW contain the numbers of all their figures side by side; other rows have the
    columns of Row. There are no rows of SEGMENT and WINDOW if ``only`` selects a part of a segment.
    """
    sums = ", ".join(f"{one.numerator}, {one.denominator}" for one in summed().values())
    condition = values.WITHIN + only.condition
    within = f"FROM episodes WHERE {condition}"
    yield Kind.FIGURE, f"SELECT day, channel, '', {sums} {within} GROUP BY 1, 2"
    some = ", ".join(f"{summed()[id].numerator}, {summed()[id].denominator}" for id in SEGMENT_FIGURES)
    if not only.part:
        yield (
            Kind.SEGMENT,
            f"SELECT day, channel, part.key || '{SEPARATOR}' || part.value || '{SEPARATOR}', {some} "  # noqa: S608
            f"FROM episodes CROSS JOIN jsonb_each_text(segments) AS part WHERE {condition} GROUP BY 1, 2, 3",
        )
        windows = ", ".join(f"{one.numerator}, {one.denominator}" for one in of_table(Table.WINDOWS).values())
        yield Kind.WINDOW, f"SELECT day, channel, '', {windows} FROM window_days WHERE day = ANY(:days) GROUP BY 1, 2"  # noqa: S608
    parts = ", ".join(definitions()[id].numerator for id in GROUP_FIGURES)
    for name in GROUPS:
        yield name, f"SELECT day, channel, '{name}', {name}::text, count(*), {parts} {within} GROUP BY 1, 2, 4"
    yield WHOLE, f"SELECT day, channel, '{WHOLE}', '', count(*), {parts} {within} GROUP BY 1, 2"
    yield (
        Kind.ENTRY,
        "SELECT day, channel, 'entry', entry, count(*), count(*) FILTER (WHERE useful), "  # noqa: S608
        "count(*) FILTER (WHERE NOT useful) "
        "FROM (SELECT day, channel, unnest(entries) AS entry, unnest(useful) AS useful FROM episodes "
        f"WHERE {condition} AND entries <> '{{}}') AS answers GROUP BY 1, 2, 4",
    )


async def _rows(session: AsyncSession, kind: str, query: str, facts: Mapping[str, object]) -> list[Row]:
    of_kinds = {
        Kind.FIGURE: tuple(summed()),
        Kind.SEGMENT: SEGMENT_FIGURES,
        Kind.WINDOW: tuple(of_table(Table.WINDOWS)),
    }
    ids = of_kinds.get(Kind(kind)) if kind in set(Kind) else None
    needed = {name: value for name, value in facts.items() if f":{name}" in query}
    found = (await session.execute(text(query), needed)).all()
    if ids is None:
        return [Row(*row) for row in found]
    return [
        Row(day, channel, kind, before + id, int(upper), int(lower), 0)
        for day, channel, before, *numbers in found
        for id, upper, lower in zip(ids, numbers[::2], numbers[1::2], strict=True)
    ]
