"""Sets the clock of a machine in UTC to an evening in Chile, where it is still the day before."""

from __future__ import annotations

from datetime import UTC, date, datetime, tzinfo

import pytest

TODAY = date(2026, 3, 15)  # in Chile at that moment, in UTC it is the 16th
MOMENT = datetime(2026, 3, 16, 1, 30, tzinfo=UTC)  # 22:30 in Chile


def set_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    """Sets the clock from which an agency takes the current day."""

    class Evening(datetime):
        @classmethod
        def now(cls, tz: tzinfo | None = None) -> Evening:
            return cls.fromtimestamp(MOMENT.timestamp(), tz)

    monkeypatch.setattr("bot.agency.model.datetime", Evening)
