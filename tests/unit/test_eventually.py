"""Tests that a wait returns the first true value, and otherwise fails with the last value seen."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from tests.eventually import LOOK_AT_LEAST_EVERY_S, LOOK_EVERY_S, eventually, eventually_blocking


async def test_first_true_value_is_returned() -> None:
    looks = iter([0, 0, 3, 4])
    assert await eventually(lambda: next(looks)) == 3


async def test_awaitables_are_awaited() -> None:
    looks = iter(["", "there"])

    async def look() -> str:
        return next(looks)

    assert await eventually(look) == "there"


def test_synchronous_test_waits_too() -> None:
    looks = iter([[], ["one"]])
    assert eventually_blocking(lambda: next(looks)) == ["one"]


async def test_timeout_reports_the_last_value() -> None:
    with pytest.raises(AssertionError, match=r"the last look gave \[\]"):
        await eventually(list, patience_s=0)
    with pytest.raises(AssertionError, match="the last look gave None"):
        eventually_blocking(lambda: None, patience_s=0)


def test_synchronous_looks_become_seldomer_up_to_a_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    now, pauses = [0.0], list[float]()

    def sleep(seconds: float) -> None:
        pauses.append(seconds)
        now[0] += seconds

    monkeypatch.setattr("tests.eventually.time", SimpleNamespace(monotonic=lambda: now[0], sleep=sleep))
    eventually_blocking(lambda: now[0] > 10)
    assert (pauses[0], pauses[-1]) == (LOOK_EVERY_S, LOOK_AT_LEAST_EVERY_S)
    assert pauses == sorted(pauses)
