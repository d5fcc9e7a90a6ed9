"""Counts the episodes of a period by channel, hour, topic, day, reason and segment.

Counts the citizens too, by hour, topic and segment.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from itertools import product
from typing import Any

from bot.figures.daily.people import People, people_of
from bot.figures.daily.rollup import GROUP_FIGURES, GROUPS, SEGMENT_FIGURES, WHOLE, Kind
from bot.figures.daily.snapshot import alone, both, snapshot
from bot.figures.daily.sums import Added, Asked
from bot.figures.definitions import definitions
from bot.figures.results import Counted, Group, Numbers, Period
from bot.figures.segments import EVERYTHING, SEPARATOR, Selection
from bot.record.engine import Sessions

DIMENSIONS = ("channel", "hour", "theme", "day", "reason")
KEYS: Mapping[str, Callable[[str], Any]] = {"hour": int, "day": date.fromisoformat}
Segments = dict[str, dict[str, Numbers]]  # segment -> value -> figures


@dataclass(frozen=True)
class Grouping:
    """Counts an agency's episodes in groups, without drills; in its methods, ``only`` selects the episodes."""

    sessions: Sessions

    async def groups(self, period: Period, *, only: Selection = EVERYTHING) -> dict[str, dict[Any, Group]]:
        """Returns, for each of DIMENSIONS, the counts of episodes with each value that the period has.

        Raises SQLAlchemyError.
        """
        parts = ", ".join(definitions()[id].numerator for id in GROUP_FIGURES)
        sets = ", ".join(f"(is_now, {name})" for name in DIMENSIONS)
        found: dict[str, dict[Any, Group]] = {name: {} for name in DIMENSIONS}
        async with snapshot(self.sessions, both(period, only)) as taken:
            query = (
                f"SELECT is_now, grouping({', '.join(DIMENSIONS)}), {', '.join(DIMENSIONS)}, count(*), {parts} "  # noqa: S608
                f"FROM (SELECT *, day >= :middle AS is_now FROM episodes WHERE {taken.condition}) AS episodes "
                f"GROUP BY GROUPING SETS ({sets})"
            )
            rows, sums = await taken.rows(query), await taken.sums((*GROUPS, WHOLE))
        for is_now, mask, *values, count, answered, unwritten in rows:
            place = next(number for number in range(len(DIMENSIONS)) if not mask >> (len(DIMENSIONS) - 1 - number) & 1)
            _add(found[DIMENSIONS[place]], values[place], (count, int(answered), int(unwritten)), is_now=is_now)
        for part in sums:
            counts = (part.first, part.second, part.third)
            _add(found[part.kind], KEYS.get(part.kind, str)(part.key), counts, is_now=part.is_now)
            if part.kind == WHOLE:
                _add(found["channel"], part.channel, counts, is_now=part.is_now)
        return {name: {key: each for key, each in groups.items() if each.count} for name, groups in found.items()}

    async def people(self, period: Period, segments: Collection[str] = (), *, only: Selection = EVERYTHING) -> People:
        """Counts the citizens of each hour and topic, and of each value of ``segments``. Raises SQLAlchemyError."""
        async with snapshot(self.sessions, alone(period, only)) as taken:
            return await people_of(taken.session, taken.days.summed, taken.days.others, only, segments)

    async def segments(
        self, keys: Collection[str], period: Period, now: datetime, *, only: Selection = EVERYTHING
    ) -> Segments:
        """Returns, for each of the segments ``keys``, the figures SEGMENT_FIGURES of each value; '' means unknown.

        Raises SQLAlchemyError.
        """
        return (await self._segments(keys, alone(period, only), now))[True]

    async def segments_compared(
        self, keys: Collection[str], period: Period, now: datetime, *, only: Selection = EVERYTHING
    ) -> tuple[Segments, Segments]:
        """Counts like ``segments``, for the period and for the previous one. Raises SQLAlchemyError."""
        found = await self._segments(keys, both(period, only), now)
        return found[True], found[False]

    async def _segments(self, keys: Collection[str], asked: Asked, now: datetime) -> dict[bool, Segments]:
        """Returns the segments of the days since the middle (True) and before it (False)."""
        if not keys:
            return {True: {}, False: {}}
        chosen = {id: definitions()[id] for id in SEGMENT_FIGURES}
        async with snapshot(self.sessions, asked, now) as taken:
            rows = await taken.counted(chosen, ("day >= :middle", "segments"), "episodes", now=now)
            sums = await taken.sums((Kind.FIGURE, Kind.SEGMENT), SEGMENT_FIGURES)
        found = _Parts()
        for (is_now, known), figures in rows:
            for segment, (id, counted) in product(keys, figures.items()):
                found.add(is_now, segment, known.get(segment, ""), id, counted.value or 0, counted.among)
        for part in sums:
            for segment, value, id, sign in _parts_of(part, keys):
                found.add(part.is_now, segment, value, id, sign * part.first, sign * part.second)
        return {is_now: found.of(keys, is_now=is_now) for is_now in (True, False)}


class _Parts:
    """Adds up the figures of the parts of segments."""

    def __init__(self) -> None:
        self._found: defaultdict[tuple[bool, str, str], dict[str, Counted]] = defaultdict(
            lambda: dict.fromkeys(SEGMENT_FIGURES, Counted(0.0, 0))
        )

    def add(self, is_now: bool, segment: str, value: str, id: str, first: float, second: int) -> None:
        numbers = self._found[is_now, segment, value]
        old = numbers[id]
        numbers[id] = Counted((old.value or 0) + first, old.among + second)

    def of(self, keys: Collection[str], *, is_now: bool) -> Segments:
        """Returns the figures of each value of the segments ``keys`` that has episodes."""
        return {
            key: {
                value: numbers
                for (of_period, segment, value), numbers in self._found.items()
                if (of_period, segment) == (is_now, key) and numbers[SEGMENT_FIGURES[0]].among
            }
            for key in keys
        }


def _add(groups: dict[Any, Group], key: Any, counts: tuple[int, int, int], *, is_now: bool) -> None:
    old, (count, answered, unwritten) = groups.get(key, Group(0, 0, 0)), counts
    if is_now:
        more = (old.count + count, old.answered + answered, old.unwritten + unwritten)
        groups[key] = Group(*more, old.before, old.unwritten_before)
    else:
        before = (old.before + count, old.unwritten_before + unwritten)
        groups[key] = Group(old.count, old.answered, old.unwritten, *before)


def _parts_of(part: Added, keys: Collection[str]) -> Iterator[tuple[str, str, str, int]]:
    """Yields each part of a segment to which a sum belongs, with the figure and the sign with which it is added.

    The part «unknown» contains all episodes, minus those of known parts.
    """
    if part.kind == Kind.SEGMENT:
        segment, value, id = part.key.split(SEPARATOR)
        if segment in keys:
            yield segment, value, id, 1
            yield segment, "", id, -1
    elif part.key in SEGMENT_FIGURES:
        for segment in keys:
            yield segment, "", part.key, 1
