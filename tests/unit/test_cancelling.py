"""Tests that tasks end although a library drops a cancellation, and that none goes on without its helper."""

from __future__ import annotations

import asyncio

import pytest

from bot.store import cancelling
from bot.store.cancelling import beside, cancelled
from tests.eventually import PATIENCE_S


async def test_task_that_drops_a_cancellation_is_cancelled_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cancelling, "CANCEL_AGAIN_S", 0.01)
    dropped = 0

    async def deaf() -> None:
        nonlocal dropped
        while True:
            try:
                await asyncio.sleep(3600)
            except asyncio.CancelledError:
                dropped += 1
                if dropped > 2:
                    raise

    tasks = [asyncio.create_task(deaf()), asyncio.create_task(asyncio.sleep(3600))]
    await asyncio.sleep(0)
    await cancelled(tasks)
    assert dropped == 3 and all(task.cancelled() for task in tasks)


async def test_nothing_is_waited_for_without_tasks() -> None:
    await cancelled([])


async def fails() -> None:
    raise ZeroDivisionError


async def test_block_ends_with_the_error_of_the_work_beside_it() -> None:
    with pytest.raises(ZeroDivisionError):
        async with asyncio.timeout(PATIENCE_S), beside(fails()):
            await asyncio.Event().wait()


async def test_work_beside_ends_with_the_block_whose_error_stays_the_same() -> None:
    ended: list[str] = []

    async def works() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            ended.append("works")

    async with beside(works()):
        await asyncio.sleep(0)
    with pytest.raises(KeyError):
        async with beside(works()):
            await asyncio.sleep(0)
            raise KeyError
    assert ended == ["works"] * 2


async def test_cancellation_of_the_block_ends_the_work_beside_it() -> None:
    async def both() -> None:
        async with beside(asyncio.sleep(3600)):
            await asyncio.Event().wait()

    task = asyncio.create_task(both())
    await asyncio.sleep(0)
    await cancelled([task])
    assert task.cancelled()
