"""Tests that a wait returns the first true value, and otherwise fails with the last value seen."""

from __future__ import annotations

import pytest

from tests.eventually import eventually, eventually_blocking


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
