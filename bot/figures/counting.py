"""Counts figures over a period, in the record's table of episodes."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import text

from bot.figures.definitions import definitions
from bot.record.engine import Sessions

DIMENSIONS = ("channel", "hour", "theme", "day", "reason")
MOST_ENTRIES = 12
NO_JIT = text("SET LOCAL jit = off")  # compiling takes longer than these queries


@dataclass(frozen=True)
class Period:
    """Days from ``start`` to before ``end``, in the agency's time zone."""

    start: date
    end: date

    @property
    def days(self) -> int:
        return (self.end - self.start).days

    @property
    def before(self) -> Period:
        """Returns the period of the same length that ends where this one starts."""
        return Period(self.start - (self.end - self.start), self.start)


@dataclass(frozen=True)
class Counted:
    """A figure's number; for a share, ``value`` of ``among``; else ``among`` is the number of episodes counted."""

    value: float | None
    among: int

    @property
    def share(self) -> float | None:
        return self.value / self.among if self.among and self.value is not None else None


Numbers = Mapping[str, Counted]
NOTHING = Counted(None, 0)


@dataclass(frozen=True)
class Group:
    """How many episodes have one value of a dimension, and of these the figures ``respondidas`` and ``no_escritas``."""

    count: int
    answered: int
    unwritten: int


@dataclass(frozen=True)
class Entry:
    """How often an entry answered in the period and in the one before, and what was said about these answers."""

    entry: str
    count: int
    before: int
    useful: int
    useless: int


@dataclass(frozen=True)
class Counting:
    """Counts figures; ``channel`` limits them to one, '' for all."""

    sessions: Sessions

    async def figures(
        self, ids: Collection[str], period: Period, now: datetime, *, channel: str = "", by: str = ""
    ) -> dict[str, Numbers]:
        """Returns the numbers of these figures for each value of the column ``by``; for '' without one.

        Raises SQLAlchemyError.
        """
        chosen = {id: definitions()[id] for id in ids}
        columns = [f"{one.numerator}, {one.denominator}" for one in chosen.values()]
        group = by or "''::text"
        query = f"SELECT {group}, {', '.join(columns)} FROM episodes WHERE {_within(channel)} GROUP BY 1"  # noqa: S608
        rows = await self._rows(query, period, channel, now=now)
        return {key: _numbers(chosen, values) for key, *values in rows}

    async def groups(self, period: Period, *, channel: str = "") -> dict[str, dict[Any, Group]]:
        """Returns the number of episodes by each of DIMENSIONS. Raises SQLAlchemyError."""
        parts = ", ".join(definitions()[id].numerator for id in ("respondidas", "no_escritas"))
        sets = ", ".join(f"({name})" for name in DIMENSIONS)
        query = (
            f"SELECT grouping({', '.join(DIMENSIONS)}), {', '.join(DIMENSIONS)}, count(*), {parts} "  # noqa: S608
            f"FROM episodes WHERE {_within(channel)} GROUP BY GROUPING SETS ({sets})"
        )
        found: dict[str, dict[Any, Group]] = {name: {} for name in DIMENSIONS}
        for mask, *values, count, answered, unwritten in await self._rows(query, period, channel):
            place = next(number for number in range(len(DIMENSIONS)) if not mask >> (len(DIMENSIONS) - 1 - number) & 1)
            found[DIMENSIONS[place]][values[place]] = Group(count, int(answered), int(unwritten))
        return found

    async def entries(self, period: Period, *, channel: str = "") -> list[Entry]:
        """Returns the entries that answered most, at most MOST_ENTRIES. Raises SQLAlchemyError."""
        query = (
            "SELECT entry, count(*) FILTER (WHERE day >= :middle), count(*) FILTER (WHERE day < :middle), "  # noqa: S608
            "count(*) FILTER (WHERE day >= :middle AND useful), "
            "count(*) FILTER (WHERE day >= :middle AND NOT useful) "
            "FROM (SELECT day, unnest(entries) AS entry, unnest(useful) AS useful FROM episodes "
            f"WHERE {_within(channel)} AND entries <> '{{}}') AS answers "
            "GROUP BY entry HAVING count(*) FILTER (WHERE day >= :middle) > 0 ORDER BY 2 DESC, 1 LIMIT :most"
        )
        both = Period(period.before.start, period.end)
        rows = await self._rows(query, both, channel, middle=period.start, most=MOST_ENTRIES)
        return [Entry(*row) for row in rows]

    async def _rows(self, query: str, period: Period, channel: str, **values: object) -> Sequence[Any]:
        facts = {"start": period.start, "end": period.end} | ({"channel": channel} if channel else {})
        async with self.sessions() as session:
            await session.execute(NO_JIT)
            return (await session.execute(text(query), facts | values)).all()


def month_of(day: date) -> Period:
    """Returns the calendar month of a day."""
    start = day.replace(day=1)
    return Period(start, (start + timedelta(days=31)).replace(day=1))


def _within(channel: str) -> str:
    return "day >= :start AND day < :end AND NOT drill" + (" AND channel = :channel" if channel else "")


def _numbers(chosen: Collection[str], values: Sequence[Any]) -> Numbers:
    pairs = zip(values[::2], values[1::2], strict=True)
    return {
        id: Counted(None if value is None else float(value), int(among))
        for id, (value, among) in zip(chosen, pairs, strict=True)
    }
