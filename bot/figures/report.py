"""Compiles the report of a period: figures, those of the previous period, and counts per dimension and entry."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any

from sqlalchemy.exc import SQLAlchemyError

from bot.agency.model import Agency
from bot.agency.whatsapp_prices import Prices
from bot.core.logs import log
from bot.figures.counting import EPISODES, Counting
from bot.figures.daily.people import People
from bot.figures.definitions import definitions
from bot.figures.grouping import DIMENSIONS, Grouping
from bot.figures.results import NOTHING, Compared, Entry, Group, Numbers, Period
from bot.figures.segments import EVERYTHING, Part, Selection
from bot.figures.suppression import hidden
from bot.figures.windows.cost import Cost, cost_of, first_day
from bot.record.engine import Sessions

FRESH_S = 60.0  # as often as the worker counts
KEPT_S = 900.0  # with many episodes, the queries are slow
MOST_KEPT = 40


@dataclass(frozen=True)
class Report:
    """The numbers of a period; ``groups`` maps each dimension of ``Grouping.groups`` to the counts of its values.

    ``segments`` maps each segment of the agency to the figures of its values, ``segments_before`` to those of the
    previous period. ``is_hidden`` is true if the report is about a part with too few episodes, so that it contains no
    numbers; ``before`` is empty if only the previous period had too few.
    """

    period: Period
    compared: Compared
    groups: Mapping[str, Mapping[Any, Group]]
    entries: Sequence[Entry]
    segments: Mapping[str, Mapping[str, Numbers]] = field(default_factory=dict)
    segments_before: Mapping[str, Mapping[str, Numbers]] = field(default_factory=dict)
    people: People = field(default_factory=People)
    drills: Mapping[str, int] = field(default_factory=dict)  # figures of the drills, which no other number contains
    is_hidden: bool = False
    cost: Cost | None = None  # of WhatsApp; None if it is not known or there is none
    cost_before: Cost | None = None
    made_at: datetime | None = field(default=None, compare=False)  # None for a hidden report

    @classmethod
    def hidden(cls, period: Period) -> Report:
        return cls(period, Compared({}, {}, {}, {}), {name: {} for name in DIMENSIONS}, (), is_hidden=True)

    def as_of(self, today: date) -> Report:
        """Returns the report without the counts of the previous period, if too much of its own period is not over."""
        if self.period.is_comparable(today):
            return self
        return replace(
            self,
            compared=self.compared.without_counts_before(lambda id: definitions()[id].is_count),
            groups={name: {key: one.alone() for key, one in each.items()} for name, each in self.groups.items()},
            entries=[replace(one, before=0) for one in self.entries],
            segments_before={},
            cost_before=None,
        )

    def hides(self, part: Part) -> bool:
        """Returns whether the part has too few episodes to be shown, or would reveal another part that has too few."""
        return part.value in self.hidden_values(part.segment)

    def hidden_values(self, segment: str) -> frozenset[str]:
        return _too_few(self.segments.get(segment, {}))

    def shown_before(self, segment: str) -> dict[str, Numbers]:
        """Returns the previous period's figures per value of a segment. Omits the values that had too few episodes."""
        parts = self.segments_before.get(segment, {})
        secret = _too_few(parts)
        return {value: one for value, one in parts.items() if value not in secret}

    @property
    def is_compared(self) -> bool:
        """Returns whether the previous period has conversations that may be shown."""
        return bool(self.before.get(EPISODES, NOTHING).value)

    @property
    def now(self) -> Numbers:
        return self.compared.now

    @property
    def before(self) -> Numbers:
        return self.compared.before

    def count(self, id: str) -> int:
        """Returns the number of a figure that is a count; 0 if there is none."""
        return int(self.now.get(id, NOTHING).value or 0)


def _too_few(parts: Mapping[str, Numbers]) -> frozenset[str]:
    """Returns the values whose numbers must be hidden."""
    return hidden({value: one[EPISODES].among for value, one in parts.items()})


class Reports:
    """Compiles and caches reports; compiles one at a time.

    A report older than FRESH_S is still returned while a new one is compiled; a report older than KEPT_S is not.
    ``segments`` are the keys of the agency's segments; ``prices`` are WhatsApp's prices, None if unknown.
    """

    def __init__(self, sessions: Sessions, segments: Collection[str] = (), prices: Prices | None = None) -> None:
        self._counting, self._grouping = Counting(sessions), Grouping(sessions)
        self._making, self._segments = asyncio.Lock(), segments
        self._prices = prices
        self._kept: dict[tuple[Period, Selection], tuple[float, Report]] = {}
        self._renewals: set[asyncio.Task[None]] = set()

    @classmethod
    def of_agency(cls, sessions: Sessions, agency: Agency) -> Reports:
        return cls(sessions, [one.key for one in agency.figure_segments], agency.whatsapp_prices)

    async def of(self, period: Period, now: datetime, *, only: Selection = EVERYTHING) -> Report:
        """Returns the report of the episodes that ``only`` selects in a period.

        It has no numbers if ``only`` selects a part that ``hides`` hides. Takes seconds if no report is cached. Raises
        SQLAlchemyError.
        """
        if await self.hides(period, now, only):
            return Report.hidden(period)
        if report := self._younger(period, only, KEPT_S):
            if not self._younger(period, only, FRESH_S) and not self._renewals:
                renewal = asyncio.create_task(self._renew(period, now, only))
                self._renewals.add(renewal)
                renewal.add_done_callback(self._renewals.discard)
            return report
        async with self._making:
            return self._younger(period, only, FRESH_S) or await self._make(period, now, only)

    async def hides(self, period: Period, now: datetime, only: Selection) -> bool:
        """Returns whether ``only`` selects a part of a segment that is not shown. Raises SQLAlchemyError."""
        if only.part is None:
            return False
        whole = replace(only, part=None)
        if report := self._younger(period, whole, KEPT_S):
            return report.hides(only.part)
        parts = await self._grouping.segments([only.part.segment], period, now, only=whole)
        return only.part.value in _too_few(parts[only.part.segment])

    async def every_entry(self, period: Period) -> list[Entry]:
        """Returns all entries that answered in the period, in any order; not cached. Raises SQLAlchemyError."""
        return await self._counting.every_entry(period)

    async def settled(self) -> None:
        """Waits until no report is being renewed; for tests."""
        await asyncio.gather(*self._renewals)

    async def _renew(self, period: Period, now: datetime, only: Selection) -> None:
        try:
            async with self._making:
                await self._make(period, now, only)
        except (SQLAlchemyError, OSError) as error:
            log.warning("figures: report not renewed", error=type(error).__name__)

    def _younger(self, period: Period, only: Selection, seconds: float) -> Report | None:
        made_at, report = self._kept.get((period, only), (0.0, None))
        return report if time.monotonic() - made_at < seconds else None

    async def _hides_before(self, period: Period, now: datetime, only: Selection) -> bool:
        """Returns whether ``only`` selects a part of a segment that was not shown in the previous period."""
        if only.part is None:
            return False
        whole, segment = replace(only, part=None), only.part.segment
        earlier = (await self._grouping.segments([segment], period.before, now, only=whole))[segment]
        return only.part.value in _too_few(earlier)

    async def _costs(self, period: Period, only: Selection) -> tuple[Cost | None, Cost | None]:
        """Returns the cost of the period and of the previous one."""
        if self._prices is None:
            return None, None
        now, before = [
            cost_of(await self._counting.sent_by_day(Period(first_day(one), one.end), only=only), one, self._prices)
            for one in (period, period.before)
        ]
        return now, before

    async def _make(self, period: Period, now: datetime, only: Selection) -> Report:
        # A part of a segment is not divided by the others, since few episodes would be left.
        segments = () if only.part else self._segments
        compared, groups, entries, (parts, earlier), people, drills = await asyncio.gather(
            self._counting.compared(period, now, only=only),
            self._grouping.groups(period, only=only),
            self._counting.entries(period, only=only),
            self._grouping.segments_compared(segments, period, now, only=only),
            self._grouping.people(period, segments, only=only),
            self._counting.drills(period, only=only),
        )
        if await self._hides_before(period, now, only):
            compared, entries = compared.alone(), [replace(one, before=0) for one in entries]
            groups = {name: {key: one.alone() for key, one in each.items()} for name, each in groups.items()}
        cost, cost_before = await self._costs(period, only)
        report = Report(period, compared, groups, entries, parts, earlier, people, drills)
        report = replace(report, cost=cost, cost_before=cost_before, made_at=now)
        if len(self._kept) >= MOST_KEPT:
            self._kept.clear()
        self._kept[(period, only)] = (time.monotonic(), report)
        return report
