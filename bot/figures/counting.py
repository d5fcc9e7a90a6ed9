"""Counts the figures of a period from the table of episodes and the daily sums."""

from __future__ import annotations

import asyncio
from collections import Counter, defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import text

from bot.figures.daily.rollup import Kind, summed
from bot.figures.daily.snapshot import PLANNING, both, columns, numbers, snapshot
from bot.figures.daily.values import Values, values_of
from bot.figures.definitions import ENDINGS, Measure, Table, definitions, of_table
from bot.figures.results import NOTHING, Compared, Counted, Entry, Numbers, Period
from bot.figures.segments import EVERYTHING, Selection
from bot.figures.windows.counting import DaySent, sent_by_day, window_figures, windows_compared
from bot.record.engine import Sessions

MOST_ENTRIES = 12
EPISODES, PEOPLE = "conversaciones", "personas"
DRILLS = "day >= :start AND day < :end AND drill"


@dataclass(frozen=True)
class Counting:
    """Counts an agency's figures, without drills except in the method ``drills``.

    In the methods, ``only`` selects the episodes to count.
    """

    sessions: Sessions

    async def figures(
        self, ids: Collection[str], period: Period, now: datetime, *, only: Selection = EVERYTHING, by: str = ""
    ) -> dict[str, Numbers]:
        """Returns the figures ``ids``, keyed by the values of the column ``by``; the only key is '' without ``by``.

        A value without episodes and windows has no key. Figures about reply windows are missing if there were no
        windows. Raises SQLAlchemyError.
        """
        chosen = {id: one for id, one in of_table(Table.EPISODES).items() if id in ids}
        group = by or "''::text"
        query = f"SELECT {group}, {columns(chosen)} FROM episodes WHERE {_within(only)} GROUP BY 1"  # noqa: S608
        rows = await self._rows(query, period, only, now=now)
        async with self.sessions() as session:
            windows = await window_figures(session, ids, period, only, by=by)
        found = {key: numbers(chosen, values) for key, *values in rows}
        nothing = dict.fromkeys(chosen, NOTHING)
        return {key: found.get(key, nothing) | windows.get(key, {}) for key in {**found, **windows}}

    async def compared(self, period: Period, now: datetime, *, only: Selection = EVERYTHING) -> Compared:
        """Counts all figures except costs, for the period and for the previous one.

        Also counts part of them per channel, team and day of the period. Raises SQLAlchemyError.
        """
        sums, values, (windows, earlier) = await asyncio.gather(
            self._sums(period, now, only), self._values(period, only), windows_compared(self.sessions, period, only)
        )
        channels: dict[tuple[bool, str], Numbers] = {
            key: numbers | {PEOPLE: Counted(values.people.get(key, 0), numbers[EPISODES].among)}
            for key, numbers in sums.items()
        }
        return Compared(
            now=_complete(_sum(channels, is_now=True) | values.figures(is_now=True) | windows),
            before=_complete(_sum(channels, is_now=False) | values.figures(is_now=False) | earlier),
            channels={key: one for (is_now, key), one in channels.items() if is_now},
            teams=_teams(values, is_now=True),
            days=values.by_day(),
            channels_before={key: one for (is_now, key), one in channels.items() if not is_now},
            teams_before=_teams(values, is_now=False),
        )

    async def drills(self, period: Period, *, only: Selection = EVERYTHING) -> dict[str, int]:
        """Counts the conversations, citizens and endings of drills, which no other figure includes.

        Returns {} if there were no drills, or if ``only`` selects a part of a segment. Raises SQLAlchemyError.
        """
        if only.part:
            return {}
        chosen = {id: definitions()[id] for id in (EPISODES, PEOPLE, *ENDINGS)}
        query = f"SELECT {columns(chosen)} FROM episodes WHERE {DRILLS}{only.condition}"  # noqa: S608
        (row,) = await self._rows(query, period, only)
        found = {id: int(one.value or 0) for id, one in numbers(chosen, row).items()}
        return found if found[EPISODES] else {}

    async def _sums(self, period: Period, now: datetime, only: Selection) -> dict[tuple[bool, str], dict[str, Counted]]:
        """Returns the figures that are sums, keyed by (is_now, channel).

        ``is_now`` is False for the previous period.
        """
        chosen, found = summed(), dict[tuple[bool, str], dict[str, Counted]]()

        def add(key: tuple[bool, str], id: str, first: float, second: int) -> None:
            numbers = found.setdefault(key, dict.fromkeys(chosen, Counted(0.0, 0)))
            numbers[id] = Counted((numbers[id].value or 0) + first, numbers[id].among + second)

        async with snapshot(self.sessions, both(period, only), now) as taken:
            rows = await taken.counted(chosen, ("day >= :middle", "channel"), "episodes", now=now)
            sums = await taken.sums((Kind.FIGURE,))
        for (is_now, channel), figures in rows:
            for id, counted in figures.items():
                add((is_now, channel), id, counted.value or 0, counted.among)
        for one in sums:
            add((one.is_now, one.channel), one.key, one.first, one.second)
        return found

    async def sent_by_day(self, period: Period, *, only: Selection = EVERYTHING) -> list[DaySent]:
        """Returns how many messages were received, and sent within and outside reply windows, per day.

        Leaves out days without messages. Returns [] if ``only`` selects a part of a segment, or if a day of the period
        was not counted. Raises SQLAlchemyError.
        """
        return await sent_by_day(self.sessions, period, only)

    async def _values(self, period: Period, only: Selection) -> Values:
        """Returns, for the period and the previous one, the citizens and the times and ratings of handoffs."""
        async with snapshot(self.sessions, both(period, only)) as taken:
            return await values_of(taken.session, taken.asked.middle, taken.days.summed, taken.days.others, only)

    async def entries(self, period: Period, *, only: Selection = EVERYTHING) -> list[Entry]:
        """Returns at most MOST_ENTRIES entries, those with the most answers first. Raises SQLAlchemyError."""
        every = await self.every_entry(period, only=only)
        return sorted(every, key=lambda one: (-one.count, one.entry))[:MOST_ENTRIES]

    async def every_entry(self, period: Period, *, only: Selection = EVERYTHING) -> list[Entry]:
        """Returns all entries that answered in the period, in any order. Raises SQLAlchemyError."""
        async with snapshot(self.sessions, both(period, only)) as taken:
            query = (
                "SELECT day >= :middle, entry, count(*), count(*) FILTER (WHERE useful), "  # noqa: S608
                "count(*) FILTER (WHERE NOT useful) "
                "FROM (SELECT day, unnest(entries) AS entry, unnest(useful) AS useful FROM episodes "
                f"WHERE {taken.condition} AND entries <> '{{}}') AS answers GROUP BY 1, 2"
            )
            rows, sums = await taken.rows(query), await taken.sums((Kind.ENTRY,))
        counts = [*rows, *((one.is_now, one.key, one.first, one.second, one.third) for one in sums)]
        now, before = defaultdict[str, Counter[str]](Counter), Counter[str]()
        for is_now, entry, count, useful, useless in counts:
            if is_now:
                now[entry].update(count=count, useful=useful, useless=useless)
            else:
                before[entry] += count
        return [Entry(entry, one["count"], before[entry], one["useful"], one["useless"]) for entry, one in now.items()]

    async def _rows(self, query: str, period: Period, only: Selection, **values: object) -> Sequence[Any]:
        facts = {"start": period.start, "end": period.end} | only.values
        async with self.sessions() as session:
            await session.execute(PLANNING)
            return (await session.execute(text(query), facts | values)).all()


def _within(only: Selection) -> str:
    return "day >= :start AND day < :end AND NOT drill" + only.condition


def _sum(channels: Mapping[tuple[bool, str], Numbers], *, is_now: bool) -> dict[str, Counted]:
    """Adds up the figures of all channels; people can be added too, since a citizen writes on one channel."""
    groups = [one for (of_period, _), one in channels.items() if of_period is is_now]
    ids = groups[0] if groups else ()
    return {id: Counted(sum(one[id].value or 0 for one in groups), sum(one[id].among for one in groups)) for id in ids}


def _teams(values: Values, *, is_now: bool) -> dict[str, Numbers]:
    """Returns the figures of each team; a team's number of conversations is its number of handoffs."""
    handed = {team: count for (of_period, team), count in values.handed.items() if of_period is is_now and team}
    return {
        team: values.figures(is_now=is_now, team=team) | {EPISODES: Counted(count, count)}
        for team, count in handed.items()
    }


def _complete(numbers: Mapping[str, Counted]) -> dict[str, Counted]:
    countable = (id for id, one in definitions().items() if one.measure is not Measure.COST)
    return {id: numbers.get(id, NOTHING) for id in countable}
