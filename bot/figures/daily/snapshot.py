"""Combines the daily sums with counts of the episodes of days without sums, in one transaction."""

from __future__ import annotations

from collections.abc import AsyncIterator, Collection, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from bot.figures.daily.rollup import timed
from bot.figures.daily.sums import Added, Asked, Days, added, days_of, numerators_by_day
from bot.figures.definitions import Definition
from bot.figures.results import Counted, Period
from bot.figures.segments import Selection
from bot.record.engine import Sessions

# JIT compilation and starting parallel workers take longer than these queries, and so does sorting on disk.
PLANNING = text(
    "SELECT set_config('jit', 'off', true), set_config('max_parallel_workers_per_gather', '0', true), "
    "set_config('work_mem', '64MB', true)"
)
ALWAYS = datetime.max.replace(tzinfo=UTC)  # stands for "now" in queries that do not depend on the current time


@dataclass(frozen=True)
class Snapshot:
    """A transaction in which all queries see the same episodes and sums; ``days`` are those of the request."""

    session: AsyncSession
    asked: Asked
    days: Days

    @property
    def condition(self) -> str:
        """Returns the SQL condition for the selected episodes of the days in the parameter ``days``, without drills."""
        return "day = ANY(:days) AND NOT drill" + self.asked.only.condition

    async def rows(self, query: str, **values: object) -> Sequence[Any]:
        """Runs a query that contains ``condition`` for the days without sums; returns () if there are none."""
        return await self._rows(query, self.days.others, values) if self.days.others else ()

    async def sums(self, kinds: Collection[str], figures: Collection[str] | None = None) -> list[Added]:
        """Returns the sums of these kinds; of the kind FIGURE only ``figures``, or all of them if it is None."""
        return await added(self.session, self.asked, kinds, self.days.summed, figures)

    async def numerators_by_day(self, kind: str, keys: Collection[str]) -> dict[tuple[date, str], int]:
        """Returns the field ``first`` of the sums of one kind, keyed by (day, key), for the given ``keys``."""
        return await numerators_by_day(self.session, self.asked, kind, keys, self.days.summed)

    async def counted(
        self, chosen: Mapping[str, Definition], by: Sequence[str], source: str, **values: object
    ) -> list[tuple[tuple[Any, ...], dict[str, Counted]]]:
        """Counts the figures that the daily sums lack, grouped by the SQL expressions ``by``.

        On days without sums, these are all ``chosen`` figures; on open days, those that depend on the current time
        (``now`` in ``values``). ``source`` is the FROM clause of the query, without WHERE.
        """
        late = {id: one for id, one in chosen.items() if id in timed()}
        found = []
        for days, some in ((self.days.others, chosen), (self.days.open, late)):
            if not days or not some:
                continue
            places = ", ".join(str(number + 1) for number in range(len(by)))
            query = (
                f"SELECT {', '.join(by)}, {columns(some)} FROM {source} "  # noqa: S608
                f"WHERE {self.condition}{_counts(some) if some is late else ''} GROUP BY {places}"
            )
            for row in await self._rows(query, days, values):
                found.append((tuple(row[: len(by)]), numbers(some, row[len(by) :])))
        return found

    async def _rows(self, query: str, days: Sequence[object], values: Mapping[str, object]) -> Sequence[Any]:
        facts = {"days": days, "middle": self.asked.middle, **self.asked.only.values, **values}
        needed = {name: value for name, value in facts.items() if f":{name}" in query}
        return (await self.session.execute(text(query), needed)).all()


@asynccontextmanager
async def snapshot(sessions: Sessions, asked: Asked, holds: datetime = ALWAYS) -> AsyncIterator[Snapshot]:
    """Opens a snapshot; ``holds`` is the time at which the sums must be valid."""
    async with sessions() as session:
        await session.connection(execution_options={"isolation_level": "REPEATABLE READ"})
        await session.execute(PLANNING)
        yield Snapshot(session, asked, await days_of(session, asked, holds))


def both(period: Period, only: Selection) -> Asked:
    """Returns the request for the sums of a period and of the period before it."""
    return Asked(period.before.start, period.start, period.end, only)


def alone(period: Period, only: Selection) -> Asked:
    """Returns the request for a period alone."""
    return Asked(period.start, period.start, period.end, only)


def _counts(chosen: Mapping[str, Definition]) -> str:
    """Returns a SQL condition to append to others: whether the episode counts in one of the figures ``chosen``.

    On open days, few episodes count in the figures that look back from now; the others need not be grouped.
    """
    conditions = dict.fromkeys(where for one in chosen.values() for where in (one.among, one.where) if where)
    return f" AND (({') OR ('.join(conditions)}))"


def columns(chosen: Mapping[str, Definition]) -> str:
    return ", ".join(f"{figure.numerator}, {figure.denominator}" for figure in chosen.values())


def numbers(chosen: Collection[str], values: Sequence[Any]) -> dict[str, Counted]:
    return dict(_pairs(chosen, values))


def _pairs(chosen: Collection[str], values: Sequence[Any]) -> Iterator[tuple[str, Counted]]:
    for id, value, among in zip(chosen, values[::2], values[1::2], strict=True):
        yield id, Counted(None if value is None else float(value), int(among))
