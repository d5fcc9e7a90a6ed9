"""Keeps the data of a day that cannot be summed (persons and waits), so that periods are counted exactly.

A person is the number of a conversation in ``episode_marks``. Times and ratings are kept individually, for medians.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache, partial
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from bot.figures.definitions import Measure, definitions
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
FEW = 100  # number of values up to which Python sorts them faster than NumPy
NO_NUMBERS: Mapping[str, NDArray[np.float64]] = {}
NO_CALLS: Mapping[str, int] = {}
DayFigures = Mapping[date, Mapping[str, Counted]]
Of = tuple[date | None, str]  # (day, team); the day is None for the days before the period


@cache
def measured() -> dict[str, str]:
    """Returns, for each figure computed from values, the id of the figure under which the values are stored.

    Figures about the same values, such as a median and a percentile, share them.
    """
    keepers: dict[tuple[str, str], str] = {}
    unsummed = {id: one for id, one in definitions().items() if one.measure in UNSUMMED}
    return {id: keepers.setdefault((one.where, one.amount), id) for id, one in unsummed.items()}


@cache
def sharing() -> dict[str, tuple[str, ...]]:
    """Returns, for each figure under which values are stored, the ids of the figures computed from them."""
    keepers = measured()
    return {keeper: tuple(id for id in keepers if keepers[id] == keeper) for keeper in dict.fromkeys(keepers.values())}


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
    """The values of a period and of the previous one, from stored rows and from episodes.

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

    def by_day(self) -> Mapping[str, Mapping[date, Mapping[str, Counted]]]:
        """Returns the figures of each team on each day of the period that has values; the team '' means all teams."""
        keys: defaultdict[str, defaultdict[date, list[Of]]] = defaultdict(lambda: defaultdict(list))
        for day, team in self._keys:
            if day is not None:
                for key in {"", team}:
                    keys[key][day].append((day, team))
        return _ByTeam({team: partial(self._of_days, days) for team, days in keys.items()})

    def _of_days(self, days: Mapping[date, Collection[Of]]) -> dict[date, dict[str, Counted]]:
        return {day: self._figures(keys) for day, keys in days.items()}

    def _figures(self, keys: Collection[Of]) -> dict[str, Counted]:
        found: dict[str, Counted] = {}
        for keeper, ids in sharing().items():
            parts = [kinds[keeper] for key in keys if keeper in (kinds := self.numbers.get(key, NO_NUMBERS))]
            found |= _measures(ids, parts[0] if len(parts) == 1 else np.concatenate(parts) if parts else np.zeros(0))
        calls = dict.fromkeys(CALLS, 0)
        for key in keys:
            for id, count in self.calls.get(key, NO_CALLS).items():
                calls[id] += count
        return found | {id: Counted(count, calls[CALLS[0]]) for id, count in calls.items()}


class _ByTeam(Mapping[str, DayFigures]):
    """Computes the figures of a team's days when they are first read, as a page shows one team only."""

    def __init__(self, of_teams: Mapping[str, Callable[[], DayFigures]]) -> None:
        self._of_teams = of_teams
        self._known: dict[str, DayFigures] = {}

    def __getitem__(self, team: str) -> DayFigures:
        if team not in self._known:
            self._known[team] = self._of_teams[team]()
        return self._known[team]

    def __iter__(self) -> Iterator[str]:
        return iter(self._of_teams)

    def __len__(self) -> int:
        return len(self._of_teams)


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

    The first query reads the rows of the days ``kept``; the others, ``read``, read the episodes of the days ``others``.
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


def _measures(ids: Collection[str], values: NDArray[np.float64]) -> dict[str, Counted]:
    """Returns the figures ``ids`` about the same ``values``, which may be in any order.

    Percentiles are like those of PostgreSQL's percentile_cont.
    """
    count = len(values)
    if not count:
        return dict.fromkeys(ids, Counted(None, 0))
    parts = {id: PARTS[measure] * (count - 1) for id in ids if (measure := definitions()[id].measure) in PARTS}
    found = {id: Counted(float(values.sum()) / count, count) for id in ids if id not in parts}
    if parts:
        places = sorted({at for part in parts.values() for at in (int(part), min(int(part) + 1, count - 1))})
        # Faster than sorting many values; few are sorted faster by Python, which needs no array for it.
        some = np.partition(values, places)[places].tolist() if count > FEW else sorted(values.tolist())
        ordered = dict(zip(places, some, strict=True)) if count > FEW else some
        for id, part in parts.items():
            low, high = ordered[int(part)], ordered[min(int(part) + 1, count - 1)]
            found[id] = Counted(float(low + (part - int(part)) * (high - low)), count)
    return found
