"""Tests that a task that waits for an event that never comes counts as late, even if it does not report it."""

from __future__ import annotations

import asyncio

import pytest

from bot.core.progress import Progress


class Clock:
    """A clock that the test sets."""

    now = 0.0

    def __call__(self) -> float:
        return self.now


async def test_task_is_late_only_while_what_it_waits_for_does_not_happen() -> None:
    clock, answer = Clock(), asyncio.Event()
    progress = Progress(clock)

    async def upkeep() -> None:
        await answer.wait()
        answer.clear()
        await answer.wait()

    task = asyncio.create_task(progress.beating(upkeep(), 60.0))
    await asyncio.sleep(0)
    clock.now = 61.0
    (name,) = progress.late()
    assert name.endswith("upkeep")
    answer.set()
    await asyncio.sleep(0)
    assert progress.late() == {}
    answer.set()
    await task


async def test_cancellation_and_errors_reach_the_task_and_its_caller() -> None:
    seen: list[str] = []

    async def tidy() -> None:
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            seen.append("cancelled")
            raise

    async def broken() -> None:
        await asyncio.sleep(0)
        raise ZeroDivisionError

    task = asyncio.create_task(Progress().beating(tidy(), 60.0))
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    with pytest.raises(ZeroDivisionError):
        await Progress().beating(broken(), 60.0)
    assert seen == ["cancelled"]
