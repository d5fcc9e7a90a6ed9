"""Keeps the number of citizens who wrote in each minute of the last weeks, per stream, in the agency's local time.

A stream is a group of citizens: all, those whom the assistant could not answer, or those who wrote about one topic.
When the clocks change, the repeated hour is added up and the skipped hour is empty.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

TOTAL, UNKNOWN = "total", "unknown"
UNKNOWN_ROW = 1
GROUP = "group"  # in alarms: citizens who ask the same (bot/spikes/groups.py); it has no counts here
TOPIC = "topic:"
DAY_MIN = 1440
BASE_DAYS = 28  # number of earlier days with which a day is compared
REPLAY_DAYS = 42
DAYS = BASE_DAYS + REPLAY_DAYS + 1

Counts = NDArray[np.int16]  # streams x minutes
Counted = tuple[datetime, str, int]  # minute, stream, citizens


class History:
    """The counts since the day ``first``; ``streams`` names the rows of ``counts``, total and unknown first."""

    def __init__(self, first: date, days: int = DAYS) -> None:
        self.first, self.days = first, days
        self.streams = [TOTAL, UNKNOWN]
        self.counts: Counts = np.zeros((2, days * DAY_MIN), np.int16)

    def put(self, rows: Iterable[Counted], zone: ZoneInfo) -> None:
        """Stores counts; adds up those of the same local minute and stream, as when the clocks change.

        Ignores counts outside the history's days.
        """
        added: dict[tuple[int, int], int] = {}
        for minute, stream, citizens in rows:
            at = self.index(minute, zone)
            if 0 <= at < self.counts.shape[1]:
                key = self._row(stream), at
                added[key] = added.get(key, 0) + citizens
        for (row, at), citizens in added.items():
            self.counts[row, at] = citizens

    def index(self, moment: datetime, zone: ZoneInfo) -> int:
        """Returns the column of a moment, which may lie outside of ``counts``."""
        local = moment.astimezone(zone)
        return (local.date() - self.first).days * DAY_MIN + local.hour * 60 + local.minute

    def day(self, number: int) -> date:
        return self.first + timedelta(days=number)

    def begun(self) -> int:
        """Returns the number of the first day on which somebody wrote; ``days`` if nobody wrote."""
        written = np.flatnonzero(self.counts[0])
        return int(written[0]) // DAY_MIN if len(written) else self.days

    def _row(self, stream: str) -> int:
        if stream not in self.streams:
            self.streams.append(stream)
            self.counts = np.vstack([self.counts, np.zeros((1, self.counts.shape[1]), np.int16)])
        return self.streams.index(stream)
