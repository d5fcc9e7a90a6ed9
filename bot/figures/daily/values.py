"""Keeps the data of a day that cannot be summed (persons and waits), so that periods are counted exactly.

A person is the number of a conversation in ``episode_marks``. Times and ratings are kept individually, for medians.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from bot.figures.definitions import Definition, Measure, definitions
from bot.figures.results import Counted
from bot.figures.segments import Selection
from bot.record.engine import binary_rows

PEOPLE, HANDED = "people", "handed"  # kinds of rows; the others are the ids of figures
CALLS = ("llamadas", "llamadas_a_tiempo", "llamadas_tarde", "llamadas_sin_hablar", "llamadas_en_espera")
PERSON, NUMBER = np.dtype(">i4"), np.dtype(">f8")  # as int4send and float8send of PostgreSQL write them
COLUMNS = "day, channel, kind, team, count, numbers"
WITHIN = "day = ANY(:days) AND NOT drill"
UNSUMMED = frozenset({Measure.MEDIAN, Measure.P90, Measure.MEAN})
PARTS = {Measure.MEDIAN: 0.5, Measure.P90: 0.9}
Of = tuple[date | None, str]  # (day, team); the day is None for the days before the period


@cache
def measured() -> dict[str, str]:
    """Returns, for each figure that is computed from values, the id of the figure that keeps them.

    Figures about the same values, such as a median and a percentile, share them.
    """
    keepers: dict[tuple[str, str], str] = {}
    unsummed = {id: one for id, one in definitions().items() if one.measure in UNSUMMED}
    return {id: keepers.setdefault((one.where, one.amount), id) for id, one in unsummed.items()}


def queries(condition: str) -> Iterator[str]:
    """Yields the queries for COLUMNS, one per kind of row, over the episodes that satisfy the SQL ``condition``.

    The column ``count`` contains, by kind, citizens without a conversation, handoffs, call-backs, or values.
    """
    yield everybody(condition)
    handed = f"FROM episodes WHERE {condition} AND handed_at IS NOT NULL"
    yield f"SELECT day, channel, '{HANDED}', team, count(*), ''::bytea {handed} GROUP BY 1, 2, 4"
    calls = ", ".join(f"('{id}', {definitions()[id].where})" for id in CALLS)
    yield (
        f"SELECT day, channel, kind, team, count(*), ''::bytea FROM episodes "  # noqa: S608
        f"CROSS JOIN LATERAL (VALUES {calls}) AS one (kind, counts) "
        f"WHERE {condition} AND call_asked_at IS NOT NULL AND counts GROUP BY 1, 2, 3, 4"
    )
    for id in dict.fromkeys(measured().values()):
        one = definitions()[id]
        values = f"string_agg(float8send(({one.amount})::float8), ''::bytea)"
        yield f"SELECT day, channel, '{id}', team, count(*), {values} {handed} AND {one.where} GROUP BY 1, 2, 4"


def everybody(condition: str) -> str:
    """Builds the query for COLUMNS about the citizens of the episodes that satisfy the SQL ``condition``."""
    return (
        "SELECT day, channel, 'people', '', sum(unnamed)::bigint, "  # noqa: S608
        "coalesce(string_agg(int4send(number), ''::bytea), ''::bytea) "
        "FROM (SELECT day, channel, number, count(*) FILTER (WHERE conversation_id IS NULL AND first_of_month) "
        "AS unnamed FROM episodes LEFT JOIN episode_marks USING (conversation_id) "
        f"WHERE {condition} GROUP BY 1, 2, 3) AS people GROUP BY 1, 2"
    )


async def keep(session: AsyncSession, part: str, sources: Iterable[str], facts: Mapping[str, object]) -> None:
    """Stores the rows of the queries ``sources`` as the values of ``part``.

    The queries are for COLUMNS, with the parameters ``facts``.
    """
    for query in sources:
        needed = {name: value for name, value in facts.items() if f":{name}" in query}
        rows = f"SELECT CAST(:key AS text), one.* FROM ({query}) AS one"  # noqa: S608
        await session.execute(text(f"INSERT INTO episode_values (part, {COLUMNS}) {rows}"), needed | {"key": part})


@dataclass(frozen=True)
class Values:
    """The values of some days, from kept rows and episodes, separately for the period and the previous one.

    ``people`` are keyed by (is_now, channel), ``handed`` by (is_now, team), the others by Of. ``numbers`` maps the id
    of each figure in the result of ``measured`` to its values, ``calls`` each of CALLS to a number.
    """

    people: Mapping[tuple[bool, str], int]
    handed: Mapping[tuple[bool, str], int]
    numbers: Mapping[Of, Mapping[str, NDArray[np.float64]]]
    calls: Mapping[Of, Mapping[str, int]]

    def figures(self, *, is_now: bool, team: str | None = None) -> dict[str, Counted]:
        """Returns the medians, percentiles, means and call-back counts of a team; of all teams if ``team`` is None.

        If ``is_now`` is False, returns those of the previous period.
        """
        return self._figures([key for key in self._keys if (key[0] is not None) is is_now and team in (None, key[1])])

    @property
    def _keys(self) -> set[Of]:
        return {*self.numbers, *self.calls}

    def by_day(self) -> dict[str, dict[date, dict[str, Counted]]]:
        """Returns the figures of each team and day of the period that has any; the team '' means all together."""
        keys: defaultdict[tuple[str, date], list[Of]] = defaultdict(list)
        for day, team in self._keys:
            if day is not None:
                for key in {"", team}:
                    keys[key, day].append((day, team))
        found: defaultdict[str, dict[date, dict[str, Counted]]] = defaultdict(dict)
        for (team, day), some in keys.items():
            found[team][day] = self._figures(some)
        return dict(found)

    def _figures(self, keys: Collection[Of]) -> dict[str, Counted]:
        every = {}
        for keeper in set(measured().values()):
            parts = [self.numbers[key][keeper] for key in keys if keeper in self.numbers.get(key, ())]
            every[keeper] = np.concatenate(parts) if parts else np.zeros(0)
        found = {
            id: Counted(_measure(definitions()[id], every[keeper]), len(every[keeper]))
            for id, keeper in measured().items()
        }
        calls = {id: sum(self.calls.get(key, {}).get(id, 0) for key in keys) for id in CALLS}
        return found | {id: Counted(count, calls[CALLS[0]]) for id, count in calls.items()}


async def values_of(
    session: AsyncSession, middle: date, kept: Collection[date], others: Collection[date], only: Selection
) -> Values:
    """Adds up the rows of the days ``kept``, and the values of the episodes of the days ``others``.

    Days since ``middle`` belong to the period, earlier ones to the previous period.
    """
    people: defaultdict[tuple[bool, str], list[bytes]] = defaultdict(list)
    unnamed: defaultdict[tuple[bool, str], int] = defaultdict(int)
    handed: defaultdict[tuple[bool, str], int] = defaultdict(int)
    numbers: defaultdict[Of, defaultdict[str, list[bytes]]] = defaultdict(lambda: defaultdict(list))
    calls: defaultdict[Of, Counter[str]] = defaultdict(Counter)
    for is_now, day, channel, kind, team, count, some in await _rows(session, middle, kept, others, only):
        if kind == PEOPLE:
            people[is_now, channel].append(some)
            unnamed[is_now, channel] += count
        elif kind == HANDED:
            handed[is_now, team] += count
        elif kind in CALLS:
            calls[day, team][kind] += count
        else:
            numbers[day, team][kind].append(some)
    return Values(
        {key: _distinct(some) + unnamed[key] for key, some in people.items()},
        handed,
        {key: {id: _numbers(some) for id, some in kinds.items()} for key, kinds in numbers.items()},
        calls,
    )


async def _rows(
    session: AsyncSession, middle: date, kept: Collection[date], others: Collection[date], only: Selection
) -> list[Any]:
    kinds = [PEOPLE, HANDED, *CALLS, *dict.fromkeys(measured().values())]
    found: list[Any] = []
    for source, facts in sources(kept, kinds, others, only, queries(WITHIN + only.condition)):
        query = (
            f"SELECT day >= :middle, CASE WHEN kind NOT IN ('{PEOPLE}', '{HANDED}') AND day >= :middle THEN day END, "  # noqa: S608
            f"CASE kind WHEN '{PEOPLE}' THEN channel ELSE '' END, kind, team, sum(count)::bigint, "
            f"string_agg(numbers, ''::bytea) FROM ({source}) AS one ({COLUMNS}) GROUP BY 1, 2, 3, 4, 5"
        )
        found += await binary_rows(session, query, facts | {"middle": middle})
    return found


def sources(
    kept: Collection[date], kinds: Sequence[str], others: Collection[date], only: Selection, read: Iterable[str]
) -> Iterator[tuple[str, dict[str, object]]]:
    """Yields queries for COLUMNS, each with its parameters.

    The first is of the rows of the days ``kept``, the others, ``read``, are of the episodes of the days ``others``.
    """
    if kept:
        whole = f"SELECT {COLUMNS} FROM episode_values WHERE day = ANY(:kept) AND kind = ANY(:kinds){only.of_sums}"  # noqa: S608
        yield whole, {"kept": list(kept), "kinds": list(kinds), **only.sum_values}
    for query in read if others else ():
        facts = {"days": list(others), **only.values}
        yield query, {name: value for name, value in facts.items() if f":{name}" in query}


def _distinct(some: Sequence[bytes]) -> int:
    """Counts the distinct persons by marking each number; this is faster than sorting, as few numbers are unused."""
    persons = np.frombuffer(b"".join(some), PERSON)
    seen = np.zeros(int(persons.max(initial=0)) + 1, bool)
    seen[persons] = True
    return int(np.count_nonzero(seen))


def _numbers(some: Sequence[bytes]) -> NDArray[np.float64]:
    return np.frombuffer(b"".join(some), NUMBER).astype(np.float64)


def _measure(one: Definition, values: NDArray[np.float64]) -> float | None:
    """Returns the mean, or the percentile like PostgreSQL's percentile_cont; None without ``values``, in any order."""
    if not len(values):
        return None
    if one.measure is Measure.MEAN:
        return float(values.sum()) / len(values)
    place = PARTS[one.measure] * (len(values) - 1)
    lower = int(place)
    places = [lower, min(lower + 1, len(values) - 1)]
    low, high = np.partition(values, places)[places].tolist()  # faster than sorting all of them
    return float(low + (place - lower) * (high - low))
