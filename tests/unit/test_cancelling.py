"""Tests that tasks end although a library drops a cancellation."""

from __future__ import annotations

import asyncio

import pytest

from bot.store import cancelling
from bot.store.cancelling import cancelled


async def test_task_that_drops_a_cancellation_is_cancelled_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cancelling, "CANCEL_AGAIN_S", 0.01)
    dropped: list[str] = []

    async def stubborn() -> None:
        while True:
            try:
                await asyncio.sleep(60)
            except asyncio.CancelledError:
                if dropped:
                    raise
                dropped.append("once")

    task = asyncio.create_task(stubborn())
    await asyncio.sleep(0)
    await cancelled([task])
    assert (task.cancelled(), dropped) == (True, ["once"])
