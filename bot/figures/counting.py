"""Counts the figures of a period from the table of episodes and the daily sums."""

from __future__ import annotations

import asyncio
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import text

from bot.figures.definitions import Definition, Measure, Table, definitions, of_table
from bot.figures.results import NOTHING, Compared, Counted, Entry, Group, Listed, Numbers, Period
from bot.figures.rollup import (
    GROUP_FIGURES,
    GROUPS,
    SEGMENT_FIGURES,
    SEPARATOR,
    WHOLE,
    Added,
    Asked,
    Kind,
    added,
    days_of,
    summed,
)
from bot.figures.segments import EVERYTHING, Selection
from bot.figures.values import Values, values_of
from bot.figures.windows.counting import DaySent, sent_by_day, window_figures, windows_listed
from bot.record.engine import Sessions

DIMENSIONS = ("channel", "hour", "theme", "day", "reason")
MOST_ENTRIES = 12
MOST_LISTED = 100
# JIT compilation takes longer than these queries, and so does sorting on disk.
PLANNING = text("SELECT set_config('jit', 'off', true), set_config('work_mem', '64MB', true)")
ALWAYS = datetime.max.replace(tzinfo=UTC)  # stands for "now" in queries that do not depend on the current time
KEYS: Mapping[str, Callable[[str], Any]] = {"hour": int, "day": date.fromisoformat}
EPISODES, PEOPLE = "conversaciones", "personas"


@dataclass(frozen=True)
class Counting:
    """Counts an agency's figures, without drills; in its methods, ``only`` selects the episodes to count."""

    sessions: Sessions

    async def figures(
        self, ids: Collection[str], period: Period, now: datetime, *, only: Selection = EVERYTHING, by: str = ""
    ) -> dict[str, Numbers]:
        """Returns the figures ``ids`` for each value of the column ``by``; without ``by``, under the key ''.

        Those about reply windows are missing where there are none. Raises SQLAlchemyError.
        """
        chosen = {id: one for id, one in of_table(Table.EPISODES).items() if id in ids}
        group = by or "''::text"
        query = f"SELECT {group}, {_columns(chosen)} FROM episodes WHERE {_within(only)} GROUP BY 1"  # noqa: S608
        rows = await self._rows(query, period, only, now=now)
        async with self.sessions() as session:
            windows = await window_figures(session, ids, period, only, by=by)
        found = {key: _numbers(chosen, values) for key, *values in rows}
        nothing = dict.fromkeys(chosen, NOTHING)
        return {key: found.get(key, nothing) | windows.get(key, {}) for key in {**found, **windows}}

    async def compared(self, period: Period, now: datetime, *, only: Selection = EVERYTHING) -> Compared:
        """Returns the figures of the period and the previous one; for the period, also some by channel, team and day.

        All figures except the costs; raises SQLAlchemyError.
        """
        sums, values = await asyncio.gather(self._sums(period, now, only), self._values(period, only))
        windows, earlier = await self._windows(period, only)
        channels: dict[tuple[bool, str], Numbers] = {
            key: numbers | {PEOPLE: Counted(values.people.get(key, 0), numbers[EPISODES].among)}
            for key, numbers in sums.items()
        }
        handed = {team: count for (is_now, team), count in values.handed.items() if is_now}
        return Compared(
            now=_complete(_sum(channels, is_now=True) | values.figures(is_now=True) | windows),
            before=_complete(_sum(channels, is_now=False) | values.figures(is_now=False) | earlier),
            channels={key: one for (is_now, key), one in channels.items() if is_now},
            teams={
                team: values.figures(is_now=True, team=team) | {EPISODES: Counted(count, count)}
                for team, count in handed.items()
                if team
            },
            days=values.by_day(),
        )

    async def _sums(self, period: Period, now: datetime, only: Selection) -> dict[tuple[bool, str], dict[str, Counted]]:
        """Returns the figures that are sums, keyed by (is_now, channel).

        ``is_now`` is False for the previous period.
        """
        chosen = summed()
        query = f"SELECT day >= :middle, channel, {_columns(chosen)} FROM episodes WHERE {_open(only)} GROUP BY 1, 2"  # noqa: S608
        rows, sums = await self._split(query, (Kind.FIGURE,), _both(period, only), now, now=now)
        found = {(is_now, key): _numbers(chosen, values) for is_now, key, *values in rows}
        for one in sums:
            numbers = found.setdefault((one.is_now, one.channel), dict.fromkeys(chosen, Counted(0.0, 0)))
            old = numbers[one.key]
            numbers[one.key] = Counted((old.value or 0) + one.first, old.among + one.second)
        return found

    async def _windows(self, period: Period, only: Selection) -> tuple[dict[str, Counted], dict[str, Counted]]:
        """Returns the figures about reply windows of the period and of the previous one; {} where there are none."""
        ids = of_table(Table.WINDOWS)
        async with self.sessions() as session:
            now, before = [await window_figures(session, ids, one, only) for one in (period, period.before)]
        return now.get("", {}), before.get("", {})

    async def sent_by_day(self, period: Period, *, only: Selection = EVERYTHING) -> list[DaySent]:
        """Returns what was received and sent within and outside reply windows by day. Raises SQLAlchemyError."""
        async with self.sessions() as session:
            return await sent_by_day(session, period, only)

    async def _values(self, period: Period, only: Selection) -> Values:
        """Returns the citizens, and the times and ratings of handoffs, of the period and the previous one."""
        asked = _both(period, only)
        async with self.sessions() as session:
            await session.connection(execution_options={"isolation_level": "REPEATABLE READ"})
            await session.execute(PLANNING)
            kept, days = await days_of(session, asked, ALWAYS)
            return await values_of(session, asked.middle, kept, _open(only), {"days": days} | only.values)

    async def groups(self, period: Period, *, only: Selection = EVERYTHING) -> dict[str, dict[Any, Group]]:
        """Returns, for each of DIMENSIONS, the counts of episodes with each value. Raises SQLAlchemyError."""
        parts = ", ".join(definitions()[id].numerator for id in GROUP_FIGURES)
        sets = ", ".join(f"({name})" for name in DIMENSIONS)
        query = (
            f"SELECT grouping({', '.join(DIMENSIONS)}), {', '.join(DIMENSIONS)}, count(*), {parts} "  # noqa: S608
            f"FROM episodes WHERE {_open(only)} GROUP BY GROUPING SETS ({sets})"
        )
        found: dict[str, dict[Any, Group]] = {name: {} for name in DIMENSIONS}
        asked = Asked(period.start, period.start, period.end, only)
        rows, sums = await self._split(query, (*GROUPS, WHOLE), asked, ALWAYS)
        for mask, *values, count, answered, unwritten in rows:
            place = next(number for number in range(len(DIMENSIONS)) if not mask >> (len(DIMENSIONS) - 1 - number) & 1)
            found[DIMENSIONS[place]][values[place]] = Group(count, int(answered), int(unwritten))
        for one in sums:
            _add(found[one.kind], KEYS.get(one.kind, str)(one.key), one)
            if one.kind == WHOLE:
                _add(found["channel"], one.channel, one)
        return found

    async def segments(
        self, keys: Collection[str], period: Period, now: datetime, *, only: Selection = EVERYTHING
    ) -> dict[str, dict[str, Numbers]]:
        """Returns, for each of the segments ``keys``, the figures SEGMENT_FIGURES of each value.

        The value '' means unknown.

        Raises SQLAlchemyError.
        """
        found: dict[str, dict[str, dict[str, Counted]]] = {key: {} for key in keys}
        if not keys:
            return {}
        chosen = {id: definitions()[id] for id in SEGMENT_FIGURES}
        query = (
            f"SELECT segment, coalesce(segments->>segment, ''), {_columns(chosen)} FROM episodes "  # noqa: S608
            f"CROSS JOIN unnest(CAST(:keys AS text[])) AS segment WHERE {_open(only)} GROUP BY 1, 2"
        )
        asked = Asked(period.start, period.start, period.end, only)
        rows, sums = await self._split(query, (Kind.FIGURE, Kind.SEGMENT), asked, now, now=now, keys=list(keys))
        for segment, value, *values in rows:
            found[segment][value] = _numbers(chosen, values)
        for one in sums:
            for segment, value, id, sign in _parts_of(one, keys):
                part = found[segment].setdefault(value, dict.fromkeys(chosen, Counted(0.0, 0)))
                old = part[id]
                part[id] = Counted((old.value or 0) + sign * one.first, old.among + sign * one.second)
        return {
            key: {value: one for value, one in parts.items() if one[EPISODES].among} for key, parts in found.items()
        }

    async def entries(self, period: Period, *, only: Selection = EVERYTHING) -> list[Entry]:
        """Returns at most MOST_ENTRIES entries, those with the most answers first. Raises SQLAlchemyError."""
        every = await self.every_entry(period, only=only)
        return sorted(every, key=lambda one: (-one.count, one.entry))[:MOST_ENTRIES]

    async def every_entry(self, period: Period, *, only: Selection = EVERYTHING) -> list[Entry]:
        """Returns all entries that answered in the period, in any order. Raises SQLAlchemyError."""
        query = (
            "SELECT day >= :middle, entry, count(*), count(*) FILTER (WHERE useful), "  # noqa: S608
            "count(*) FILTER (WHERE NOT useful) "
            "FROM (SELECT day, unnest(entries) AS entry, unnest(useful) AS useful FROM episodes "
            f"WHERE {_open(only)} AND entries <> '{{}}') AS answers GROUP BY 1, 2"
        )
        rows, sums = await self._split(query, (Kind.ENTRY,), _both(period, only), ALWAYS)
        told = [*rows, *((one.is_now, one.key, one.first, one.second, one.third) for one in sums)]
        now, before = defaultdict[str, Counter[str]](Counter), Counter[str]()
        for is_now, entry, count, useful, useless in told:
            if is_now:
                now[entry].update(count=count, useful=useful, useless=useless)
            else:
                before[entry] += count
        return [Entry(entry, one["count"], before[entry], one["useful"], one["useless"]) for entry, one in now.items()]

    async def listed(self, id: str, period: Period, now: datetime, *, only: Selection = EVERYTHING) -> list[Listed]:
        """Returns at most MOST_LISTED of the rows that a figure counts, newest first. Raises SQLAlchemyError.

        The rows are episodes or, for figures about reply windows, days of conversations.
        """
        if definitions()[id].table is Table.WINDOWS:
            async with self.sessions() as session:
                return await windows_listed(session, id, period, only, MOST_LISTED)
        query = (
            "SELECT conversation_id, started_at, channel, theme, reason, team FROM episodes "  # noqa: S608
            f"WHERE {_within(only)} AND ({definitions()[id].where}) ORDER BY started_at DESC LIMIT :most"
        )
        return [Listed(*row) for row in await self._rows(query, period, only, now=now, most=MOST_LISTED)]

    async def _split(
        self, query: str, kinds: Collection[str], asked: Asked, holds: datetime, **values: object
    ) -> tuple[Sequence[Any], Sequence[Added]]:
        """Returns (the rows of a query over the days without sums, the sums of the other days), from one snapshot.

        ``holds`` is the time at which the sums must be valid.
        """
        async with self.sessions() as session:
            await session.connection(execution_options={"isolation_level": "REPEATABLE READ"})
            await session.execute(PLANNING)
            summed_days, days = await days_of(session, asked, holds)
            facts: dict[str, object] = {"days": days} | asked.only.values
            middle = {"middle": asked.middle} if ":middle" in query else {}
            rows = (await session.execute(text(query), facts | middle | values)).all() if days else ()
            return rows, await added(session, asked, kinds, summed_days)

    async def _rows(self, query: str, period: Period, only: Selection, **values: object) -> Sequence[Any]:
        facts = {"start": period.start, "end": period.end} | only.values
        async with self.sessions() as session:
            await session.execute(PLANNING)
            return (await session.execute(text(query), facts | values)).all()


def _within(only: Selection) -> str:
    return "day >= :start AND day < :end AND NOT drill" + only.condition


def _open(only: Selection) -> str:
    """Returns the SQL condition for the episodes of days without sums."""
    return "day = ANY(:days) AND NOT drill" + only.condition


def _both(period: Period, only: Selection) -> Asked:
    return Asked(period.before.start, period.start, period.end, only)


def _add(groups: dict[Any, Group], key: Any, one: Added) -> None:
    old = groups.get(key, Group(0, 0, 0))
    groups[key] = Group(old.count + one.first, old.answered + one.second, old.unwritten + one.third)


def _parts_of(one: Added, keys: Collection[str]) -> Iterator[tuple[str, str, str, int]]:
    """Yields each part of a segment to which a sum belongs, with the figure and the sign with which it is added.

    The part «unknown» contains all episodes, minus those of known parts.
    """
    if one.kind == Kind.SEGMENT:
        segment, value, id = one.key.split(SEPARATOR)
        if segment in keys:
            yield segment, value, id, 1
            yield segment, "", id, -1
    elif one.key in SEGMENT_FIGURES:
        for segment in keys:
            yield segment, "", one.key, 1


def _columns(chosen: Mapping[str, Definition]) -> str:
    return ", ".join(f"{one.numerator}, {one.denominator}" for one in chosen.values())


def _sum(channels: Mapping[tuple[bool, str], Numbers], *, is_now: bool) -> dict[str, Counted]:
    """Adds up the figures of all channels; people can be added too, since a citizen writes on one channel."""
    groups = [one for (of_period, _), one in channels.items() if of_period is is_now]
    ids = groups[0] if groups else ()
    return {id: Counted(sum(one[id].value or 0 for one in groups), sum(one[id].among for one in groups)) for id in ids}


def _complete(numbers: Mapping[str, Counted]) -> dict[str, Counted]:
    countable = (id for id, one in definitions().items() if one.measure is not Measure.COST)
    return {id: numbers.get(id, NOTHING) for id in countable}


def _numbers(chosen: Collection[str], values: Sequence[Any]) -> dict[str, Counted]:
    pairs = zip(values[::2], values[1::2], strict=True)
    return {
        id: Counted(None if value is None else float(value), int(among))
        for id, (value, among) in zip(chosen, pairs, strict=True)
    }
