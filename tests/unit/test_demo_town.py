"""Tests that the screenshots of the docs use a time zone where it is morning."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from scripts.demo_town import MORNING, morning_zone
from tests.rows import each_row


@each_row("hour", range(24))
def test_demo_time_zone_is_always_in_the_morning(hour: int) -> None:
    now = datetime(2026, 11, 26, hour, 40, tzinfo=UTC)
    assert now.astimezone(ZoneInfo(morning_zone(now))).hour == MORNING
