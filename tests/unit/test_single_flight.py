"""Tests that concurrent requests share one run, which never started before the request."""

from __future__ import annotations

import asyncio

import pytest

from bot.desk.api.single_flight import SingleFlight


async def test_concurrent_callers_share_the_next_run() -> None:
    begun: list[str] = []
    goes_on = asyncio.Event()

    async def work(key: str) -> int:
        begun.append(key)
        await goes_on.wait()
        return len(begun)

    together = SingleFlight(work)
    first = asyncio.create_task(together("a"))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    later = [asyncio.create_task(together("a")) for _ in range(100)]
    await asyncio.sleep(0)
    goes_on.set()
    assert (await first, set(await asyncio.gather(*later)), begun) == (1, {2}, ["a", "a"])


async def test_cancelled_or_failed_caller_does_not_affect_the_others() -> None:
    fails = True

    async def work(_key: str) -> str:
        await asyncio.sleep(0)
        if fails:
            raise ValueError
        return "made"

    together = SingleFlight(work)
    with pytest.raises(ValueError):
        await together("a")
    fails = False
    leaves, stays = (asyncio.create_task(together("a")) for _ in range(2))
    await asyncio.sleep(0)
    leaves.cancel()
    assert await stays == "made"
