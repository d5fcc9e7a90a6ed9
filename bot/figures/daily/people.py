"""Counts the citizens who wrote: per hour, per topic, and per part of a segment.

As in values.py, the numbers of citizens are kept by day, since a citizen who writes on two days counts once.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy.ext.asyncio import AsyncSession

from bot.figures.daily.values import COLUMNS, PEOPLE, PERSON, WITHIN, everybody, sources
from bot.figures.segments import SEPARATOR, Selection
from bot.record.engine import binary_rows

HOUR, THEME, SEGMENT = "people_hour", "people_theme", "people_segment"  # kinds of rows, whose ``team`` is the value
KINDS = (HOUR, THEME, SEGMENT)
Marks = NDArray[np.bool_]
Key = tuple[str, str]  # kind and value


def query(condition: str) -> str:
    """Builds the query for COLUMNS over the episodes that satisfy the SQL ``condition``."""
    groups = (
        f"SELECT '{HOUR}' AS kind, hour::text AS part UNION ALL SELECT '{THEME}', theme UNION ALL "  # noqa: S608
        f"SELECT '{SEGMENT}', one.key || '{SEPARATOR}' || one.value FROM jsonb_each_text(segments) AS one"
    )
    return (
        "SELECT day, channel, kind, part, sum(unnamed)::bigint, "  # noqa: S608
        "coalesce(string_agg(int4send(number), ''::bytea), ''::bytea) "
        "FROM (SELECT day, channel, kind, part, number, count(*) FILTER (WHERE conversation_id IS NULL AND "
        "first_of_month) AS unnamed FROM episodes LEFT JOIN episode_marks USING (conversation_id) "
        f"CROSS JOIN LATERAL ({groups}) AS one WHERE {condition} GROUP BY 1, 2, 3, 4, 5) AS people GROUP BY 1, 2, 3, 4"
    )


@dataclass(frozen=True)
class People:
    """The numbers of citizens per hour, per topic, and per value of each segment.

    The value '' counts the citizens whose value is unknown throughout the period.
    """

    hours: Mapping[int, int] = field(default_factory=dict)
    themes: Mapping[str, int] = field(default_factory=dict)
    segments: Mapping[str, Mapping[str, int]] = field(default_factory=dict)


@dataclass
class Group:
    """The conversation numbers of the citizens with one value.

    ``unnamed`` counts those whose conversation was deleted and so has no number.
    """

    numbers: list[bytes] = field(default_factory=list)
    unnamed: int = 0

    def marks(self, size: int) -> Marks:
        """Returns for each number below ``size`` whether a citizen has it; this is faster than sorting the numbers."""
        seen = np.zeros(size, bool)
        seen[np.frombuffer(b"".join(self.numbers), PERSON)] = True
        return seen


async def people_of(
    session: AsyncSession,
    kept: Collection[date],
    others: Collection[date],
    only: Selection,
    segments: Collection[str],
) -> People:
    """Counts the citizens of the days ``kept``, which have rows, and of the episodes of the days ``others``.

    ``segments`` are the keys to return.
    """
    found: defaultdict[tuple[str, str], Group] = defaultdict(Group)
    for kind, part, count, numbers in await _rows(session, kept, others, only):
        one = found[kind, part]
        one.numbers.append(numbers)
        one.unnamed += count
    every = found[PEOPLE, ""]
    size = 1 + max((int(np.frombuffer(some, PERSON).max(initial=0)) for some in every.numbers), default=0)
    marked = {key: (one.marks(size), one.unnamed) for key, one in found.items()}
    counts = {key: int(np.count_nonzero(seen)) + unnamed for key, (seen, unnamed) in marked.items()}
    return People(
        hours={int(part): count for (kind, part), count in counts.items() if kind == HOUR},
        themes={part: count for (kind, part), count in counts.items() if kind == THEME},
        segments={key: _parts(key, marked, counts) for key in segments},
    )


def _parts(segment: str, marked: Mapping[Key, tuple[Marks, int]], counts: Mapping[Key, int]) -> dict[str, int]:
    """Returns the number of citizens of each value of a segment; '' stands for those without a known value."""
    unknown, unnamed = marked[PEOPLE, ""]
    unknown, found = unknown.copy(), dict[str, int]()
    for (kind, part), (seen, count) in marked.items():
        key, _, value = part.partition(SEPARATOR)
        if kind == SEGMENT and key == segment:
            found[value] = counts[kind, part]
            unknown &= ~seen
            unnamed -= count
    return found | {"": int(np.count_nonzero(unknown)) + max(unnamed, 0)}


async def _rows(session: AsyncSession, kept: Collection[date], others: Collection[date], only: Selection) -> list[Any]:
    condition = WITHIN + only.condition
    found: list[Any] = []
    for source, facts in sources(kept, [PEOPLE, *KINDS], others, only, (query(condition), everybody(condition))):
        grouped = (
            "SELECT kind, team, sum(count)::bigint, string_agg(numbers, ''::bytea) "  # noqa: S608
            f"FROM ({source}) AS one ({COLUMNS}) GROUP BY 1, 2"
        )
        found += await binary_rows(session, grouped, facts)
    return found
