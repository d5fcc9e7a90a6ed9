from __future__ import annotations

import pytest

from bot.core.clock import now_ms


def test_time_is_in_ms_since_1970(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.core.clock.time.time", lambda: 1_764_547_200.1239)
    assert now_ms() == 1_764_547_200_123
