"""Tests that tasks end although a library drops a cancellation."""

from __future__ import annotations

import asyncio

import pytest

from bot.store import cancelling
from bot.store.cancelling import cancelled


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
