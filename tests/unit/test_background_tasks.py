"""Tests that the bot exits when a background task ends by itself, and not when the task was stopped."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Callable, Coroutine, Iterator
from contextlib import suppress

import pytest
from structlog.testing import capture_logs

from bot.app import background
from bot.app.background import end_when_broken
from bot.handoff.complaints import photos, register
from bot.mail import senders
from bot.store.streams import stopping

Work = Callable[[], Coroutine[None, None, None]]


@pytest.fixture
def asked_to_end() -> Iterator[list[int]]:
    """Collects the signals that this process receives during the block."""
    got: list[int] = []
    before = signal.signal(signal.SIGTERM, lambda number, _frame: got.append(number))
    yield got
    signal.signal(signal.SIGTERM, before)


async def _fails() -> None:
    raise ValueError("broken")


async def ended(work: Coroutine[None, None, None]) -> asyncio.Task[None]:
    task = asyncio.create_task(work)
    await asyncio.wait([task])
    return task


async def _returns() -> None:
    pass


async def _cancels_itself() -> None:
    raise asyncio.CancelledError


async def _until_asked() -> None:
    """Ignores its cancellation, as libraries sometimes do, until the bot stops."""
    while not stopping():
        try:
            await asyncio.sleep(60)
        except asyncio.CancelledError:
            continue


@pytest.mark.parametrize("work", [_fails, _returns, _cancels_itself])
async def test_task_that_ends_by_itself_ends_the_bot(work: Work, asked_to_end: list[int]) -> None:
    task = asyncio.create_task(work())
    task.add_done_callback(end_when_broken)
    await asyncio.wait([task])
    await asyncio.sleep(0)
    assert asked_to_end == [signal.SIGTERM]


async def test_bot_ends_before_it_logs_why(asked_to_end: list[int], monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object, **__: object) -> None:
        raise OSError("No space left on device")

    monkeypatch.setattr(background, "log", type("Log", (), {"critical": staticmethod(fail)}))
    with suppress(OSError):
        background.end_when_broken(await ended(_fails()))
    assert asked_to_end == [signal.SIGTERM]


async def test_bot_logs_where_the_task_failed(asked_to_end: list[int]) -> None:
    task = await ended(_fails())
    with capture_logs() as lines:
        background.end_when_broken(task)
    assert [line["exc_info"] for line in lines] == [task.exception()]


@pytest.mark.parametrize("work", [_until_asked, asyncio.Event().wait])
async def test_stopped_task_does_not_end_the_bot(work: Work, asked_to_end: list[int]) -> None:
    task = asyncio.create_task(work())
    task.add_done_callback(end_when_broken)
    await asyncio.sleep(0)
    task.cancel()
    await asyncio.wait([task])
    await asyncio.sleep(0)
    assert asked_to_end == []


def test_step_that_waits_for_others_ends_before_its_task_counts_as_hung() -> None:
    steps_s = (photos.COPIED_WITHIN_S, register.ANSWERED_WITHIN_S, senders.SENT_WITHIN_S)
    assert max(steps_s) <= background.LATE_S - 60  # which leaves time for the stores
