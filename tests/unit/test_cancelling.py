"""Tests that tasks end although a library drops a cancellation, and that none continues without its helper."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Callable, Coroutine
from contextlib import suppress

import pytest
from structlog.testing import capture_logs

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


class Deaf:
    """A task that drops its first cancellations, as ``asyncio.wait_for`` may; ``ended`` is true once it has ended."""

    def __init__(self, drops: int = 1) -> None:
        self.ended, self._drops = False, drops

    async def run(self) -> None:
        try:
            for _ in range(self._drops):
                with suppress(asyncio.CancelledError):
                    await asyncio.Event().wait()
            await asyncio.Event().wait()
        finally:
            self.ended = True


async def test_cancelled_task_waits_for_its_own_tasks_although_it_is_cancelled_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(cancelling, "CANCEL_AGAIN_S", 0.01)
    inner = Deaf(5)

    async def consumes() -> None:
        drain = asyncio.create_task(inner.run())
        try:
            await asyncio.Event().wait()
        finally:
            await cancelled([drain])

    outer = asyncio.create_task(consumes())
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    await cancelled([outer])
    assert inner.ended and outer.cancelled()


async def test_work_beside_that_drops_a_cancellation_is_cancelled_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cancelling, "CANCEL_AGAIN_S", 0.01)
    helper = Deaf()

    async def both() -> None:
        async with beside(helper.run()):
            await asyncio.sleep(0)

    task = asyncio.create_task(both())
    await asyncio.wait([task], timeout=PATIENCE_S)
    assert helper.ended and task.done()


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


async def test_work_beside_a_block_that_ends_at_once_is_not_left_over() -> None:
    work = returns()
    async with beside(work):
        pass
    assert inspect.getcoroutinestate(work) == inspect.CORO_CLOSED


async def test_cancellation_of_the_block_ends_the_work_beside_it() -> None:
    async def both() -> None:
        async with beside(asyncio.sleep(3600)):
            await asyncio.Event().wait()

    task = asyncio.create_task(both())
    await asyncio.sleep(0)
    await cancelled([task])
    assert task.cancelled()


async def returns() -> None:
    pass


async def cancels_itself() -> None:
    raise asyncio.CancelledError


@pytest.mark.parametrize("work", [returns, cancels_itself])
async def test_block_ends_when_the_work_beside_it_ends_without_an_error(
    work: Callable[[], Coroutine[None, None, None]],
) -> None:
    with pytest.raises(RuntimeError, match="ended too early"):
        async with asyncio.timeout(PATIENCE_S), beside(work()):
            await asyncio.Event().wait()


async def test_error_of_the_block_keeps_its_cause_although_the_work_fails_when_cancelled() -> None:
    async def fails_at_its_end() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            raise ZeroDivisionError

    with pytest.raises(KeyError) as told:
        async with beside(fails_at_its_end()):
            await asyncio.sleep(0)
            raise KeyError from ValueError("the cause")
    assert isinstance(told.value.__cause__, ValueError)


async def test_error_of_the_work_comes_first_and_that_of_the_cancelled_block_is_logged() -> None:
    with capture_logs() as lines, pytest.raises(ZeroDivisionError):
        async with beside(fails()):
            try:
                await asyncio.Event().wait()
            finally:
                raise KeyError
    assert [type(line["exc_info"]) for line in lines] == [KeyError]
