"""Compiles the report of a period: figures, those of the previous period, and counts by dimension and entry."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.exc import SQLAlchemyError

from bot.core.logs import log
from bot.figures.counting import NOTHING, Compared, Counting, Entry, Group, Listed, Numbers, Period
from bot.record.engine import Sessions

FRESH_S = 60.0  # as often as the worker counts
KEPT_S = 900.0  # with many episodes, the queries are slow
MOST_KEPT = 40


@dataclass(frozen=True)
class Report:
    """The numbers of a period; ``groups`` maps each dimension of ``Counting.groups`` to the counts of its values."""

    period: Period
    compared: Compared
    groups: Mapping[str, Mapping[Any, Group]]
    entries: Sequence[Entry]

    @property
    def now(self) -> Numbers:
        return self.compared.now

    @property
    def before(self) -> Numbers:
        return self.compared.before

    def count(self, id: str) -> int:
        """Returns the number of a figure that is a count; 0 if there is none."""
        return int(self.now.get(id, NOTHING).value or 0)


class Reports:
    """Compiles and caches reports; compiles one at a time.

    A report older than FRESH_S is returned once more while a new one is compiled; a report older than KEPT_S is not.
    """

    def __init__(self, sessions: Sessions) -> None:
        self._counting, self._making = Counting(sessions), asyncio.Lock()
        self._kept: dict[tuple[Period, str], tuple[float, Report]] = {}
        self._renewals: set[asyncio.Task[None]] = set()

    async def of(self, period: Period, now: datetime, *, channel: str = "") -> Report:
        """Returns the report of a period; ``channel`` limits it to one channel ('' for all). Raises SQLAlchemyError."""
        if report := self._younger(period, channel, KEPT_S):
            if not self._younger(period, channel, FRESH_S) and not self._renewals:
                renewal = asyncio.create_task(self._renew(period, now, channel))
                self._renewals.add(renewal)
                renewal.add_done_callback(self._renewals.discard)
            return report
        async with self._making:
            return self._younger(period, channel, FRESH_S) or await self._make(period, now, channel)

    async def listed(self, id: str, period: Period, now: datetime, *, channel: str = "") -> list[Listed]:
        """Returns at most MOST_LISTED episodes that a figure counts, newest first. Raises SQLAlchemyError."""
        return await self._counting.listed(id, period, now, channel=channel)

    async def settled(self) -> None:
        """Waits until no report is being renewed; for tests."""
        await asyncio.gather(*self._renewals)

    async def _renew(self, period: Period, now: datetime, channel: str) -> None:
        try:
            async with self._making:
                await self._make(period, now, channel)
        except (SQLAlchemyError, OSError) as error:
            log.warning("figures: report not renewed", error=type(error).__name__)

    def _younger(self, period: Period, channel: str, seconds: float) -> Report | None:
        made_at, report = self._kept.get((period, channel), (0.0, None))
        return report if time.monotonic() - made_at < seconds else None

    async def _make(self, period: Period, now: datetime, channel: str) -> Report:
        compared, groups, entries = await asyncio.gather(
            self._counting.compared(period, now, channel=channel),
            self._counting.groups(period, channel=channel),
            self._counting.entries(period, channel=channel),
        )
        report = Report(period, compared, groups, entries)
        if len(self._kept) >= MOST_KEPT:
            self._kept.clear()
        self._kept[(period, channel)] = (time.monotonic(), report)
        return report
