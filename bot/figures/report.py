"""Gathers what a page of figures shows: a period, the one before, and both by channel, hour, theme, team and entry."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from bot.figures.counting import Counting, Entry, Group, Numbers, Period
from bot.figures.definitions import definitions
from bot.record.engine import Sessions

FRESH_S = 60.0  # as often as the worker counts; the queries take a while when there are many episodes
MOST_KEPT = 40
BY_CHANNEL = ("conversaciones", "personas", "respondidas", "atendidas", "sin_respuesta", "resueltas")
BY_TEAM = ("conversaciones", "espera_mediana", "espera_p90", "respuesta_mediana", "respuesta_p90")


@dataclass(frozen=True)
class Report:
    """The numbers of a period: ``groups`` maps a dimension of Counting.groups to its values."""

    period: Period
    now: Numbers
    before: Numbers
    channels: Mapping[str, Numbers]
    teams: Mapping[str, Numbers]
    groups: Mapping[str, Mapping[Any, Group]]
    entries: Sequence[Entry]

    def count(self, id: str) -> int:
        """Returns a figure that is a number."""
        return int(self.now[id].value or 0) if id in self.now else 0


class Reports:
    """Makes reports, and keeps each for FRESH_S; one is made at a time, whoever asks."""

    def __init__(self, sessions: Sessions) -> None:
        self._counting, self._making = Counting(sessions), asyncio.Lock()
        self._kept: dict[tuple[Period, str], tuple[float, Report]] = {}

    async def of(self, period: Period, now: datetime, *, channel: str = "") -> Report:
        """Returns the report of a period; ``channel`` limits it to one. Raises SQLAlchemyError."""
        key = (period, channel)
        async with self._making:
            made_at, report = self._kept.get(key, (0.0, None))
            if report is None or time.monotonic() - made_at > FRESH_S:
                report = await self._make(period, now, channel)
                if len(self._kept) >= MOST_KEPT:
                    self._kept.clear()
                self._kept[key] = (time.monotonic(), report)
            return report

    async def _make(self, period: Period, now: datetime, channel: str) -> Report:
        count, ids = self._counting, list(definitions())
        current, before, channels, teams, groups, entries = await asyncio.gather(
            count.figures(ids, period, now, channel=channel),
            count.figures(ids, period.before, now, channel=channel),
            count.figures(BY_CHANNEL, period, now, channel=channel, by="channel"),
            count.figures(BY_TEAM, period, now, channel=channel, by="team"),
            count.groups(period, channel=channel),
            count.entries(period, channel=channel),
        )
        return Report(period, current.get("", {}), before.get("", {}), channels, teams, groups, entries)
