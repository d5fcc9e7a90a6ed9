"""Tests how the list shows the time of a call-back, in the agency's time zone."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from bot.agency.model import Agency
from bot.desk.pages.callbacks.cards import Cards
from bot.handoff.hours import ServiceHours

NOW = datetime(2026, 11, 24, 21, 30, tzinfo=ZoneInfo("America/Santiago"))  # the 25th already in UTC


@pytest.mark.parametrize(
    ("at", "words"),
    [
        (datetime(2026, 11, 25, 0, 13, tzinfo=UTC), "hoy a las 21:13"),
        (datetime(2026, 11, 24, 23, 0, tzinfo=UTC), "hoy a las 20:00"),
        (datetime(2026, 11, 24, 2, 0, tzinfo=UTC), "23-11-2026 23:00"),
        (datetime(2026, 11, 25, 11, 30, tzinfo=UTC), "mañana a las 08:30"),
        (datetime(2026, 11, 30, 11, 30, tzinfo=UTC), "el lunes a las 08:30"),
    ],
)
def test_recorded_time_is_shown_in_the_agencys_time_zone(agency: Agency, at: datetime, words: str) -> None:
    assert Cards(agency, ServiceHours(agency)).moment("transito", at, NOW) == words
