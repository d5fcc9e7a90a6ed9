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


class Clock:
    """A clock that passes only while somebody sleeps; keeps the pauses."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now, self.pauses = 0.0, list[float]()
        there = SimpleNamespace(monotonic=lambda: self.now, sleep=self._pass)
        monkeypatch.setattr("tests.eventually.time", there)
        monkeypatch.setattr("tests.eventually.asyncio", SimpleNamespace(sleep=self._pass_asynchronously))

    def _pass(self, seconds: float) -> None:
        self.pauses.append(seconds)
        self.now += seconds

    async def _pass_asynchronously(self, seconds: float) -> None:
        self._pass(seconds)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    return Clock(monkeypatch)


def test_synchronous_looks_become_seldomer_up_to_a_limit(clock: Clock) -> None:
    eventually_blocking(lambda: clock.now > 10)
    assert (clock.pauses[0], clock.pauses[-1]) == (LOOK_EVERY_S, LOOK_AT_LEAST_EVERY_S)
    assert clock.pauses == sorted(clock.pauses)


async def test_asynchronous_looks_become_seldomer_too(clock: Clock) -> None:
    await eventually(lambda: clock.now > 10)
    assert (clock.pauses[0], clock.pauses[-1]) == (LOOK_EVERY_S, LOOK_AT_LEAST_EVERY_S)
    assert clock.pauses == sorted(clock.pauses)


async def test_costly_look_is_rare_from_the_beginning(clock: Clock) -> None:
    await eventually(lambda: clock.now > 10, every_s=2)
    assert set(clock.pauses) == {2}
