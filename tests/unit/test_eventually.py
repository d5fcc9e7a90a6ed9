"""A wait ends with the first true value, and fails with the last one seen when none comes."""

from __future__ import annotations

import pytest

from tests.eventually import eventually, eventually_blocking


async def test_the_first_true_value_is_returned() -> None:
    looks = iter([0, 0, 3, 4])
    assert await eventually(lambda: next(looks)) == 3


async def test_what_must_be_awaited_is() -> None:
    looks = iter(["", "there"])

    async def look() -> str:
        return next(looks)

    assert await eventually(look) == "there"


def test_a_test_that_is_not_asynchronous_waits_too() -> None:
    looks = iter([[], ["one"]])
    assert eventually_blocking(lambda: next(looks)) == ["one"]


async def test_a_wait_in_vain_tells_what_was_seen_last() -> None:
    with pytest.raises(AssertionError, match=r"the last look gave \[\]"):
        await eventually(list, patience_s=0)
    with pytest.raises(AssertionError, match="the last look gave None"):
        eventually_blocking(lambda: None, patience_s=0)
