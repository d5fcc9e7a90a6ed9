from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from bot.desk.views.times import day_and_hour


def test_time_is_shown_with_its_day_and_hour_in_the_agencys_zone() -> None:
    at = datetime(2026, 12, 1, 1, 30, tzinfo=UTC)
    assert day_and_hour(at, ZoneInfo("America/Santiago")) == "30-11-2026 22:30"
