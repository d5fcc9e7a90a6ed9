"""The pictures of the docs are taken in a zone where it is morning, whenever they are taken."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from scripts.demo_town import MORNING, morning_zone


@pytest.mark.parametrize("hour", range(24))
def test_it_is_always_morning(hour: int) -> None:
    now = datetime(2026, 11, 26, hour, 40, tzinfo=UTC)
    assert now.astimezone(ZoneInfo(morning_zone(now))).hour == MORNING
