"""Tests waiting for the rest of a batch: ends as soon as more arrives, or after the timeout."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import pytest
from redis.exceptions import ConnectionError as RedisConnectionError

from bot.turns import inbox_poller as module
from bot.turns.inbox_poller import InboxPoller
from tests.eventually import eventually

LONG_S = 30.0


@dataclass
class Inbox:
    """Provides the pending messages of each conversation; ``away`` means that Redis is unreachable."""

    counts: dict[str, int] = field(default_factory=dict)
    away: bool = False
    looks: list[list[str]] = field(default_factory=list)

    async def waiting(self, conversations: Sequence[str]) -> list[int]:
        self.looks.append(list(conversations))
        if self.away:
            raise RedisConnectionError("away")
        return [self.counts.get(one, 0) for one in conversations]


@asynccontextmanager
async def looking(inbox: Inbox, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[InboxPoller]:
    monkeypatch.setattr(module, "LOOK_EVERY_S", 0.005)
    inbox_poller = InboxPoller(inbox)  # type: ignore[arg-type]
    running = asyncio.create_task(inbox_poller.run())
    try:
        yield inbox_poller
    finally:
        assert not running.done()
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)


async def looked(inbox: Inbox, times: int = 3) -> None:
    before = len(inbox.looks)
    await eventually(lambda: len(inbox.looks) >= before + times)


@pytest.mark.parametrize("now", [3, 1, 0])
async def test_another_message_count_ends_the_wait(monkeypatch: pytest.MonkeyPatch, now: int) -> None:
    inbox = Inbox({"c": 2})
    async with looking(inbox, monkeypatch) as inbox_poller:
        wait = asyncio.create_task(inbox_poller.more("c", 2, LONG_S))
        await looked(inbox)
        assert not wait.done()
        inbox.counts["c"] = now
        assert await wait is True


async def test_only_the_conversation_with_news_continues(monkeypatch: pytest.MonkeyPatch) -> None:
    inbox = Inbox({"c": 1, "d": 1})
    async with looking(inbox, monkeypatch) as inbox_poller:
        waits = {one: asyncio.create_task(inbox_poller.more(one, 1, LONG_S)) for one in ("c", "d")}
        inbox.counts["d"] = 2
        assert await waits["d"] is True
        await looked(inbox)
        assert not waits["c"].done()
        assert inbox.looks[-1] == ["c"]
        waits["c"].cancel()


@pytest.mark.parametrize("wait_s", [0.02, 0.0, -1.0])
async def test_wait_times_out_when_nothing_arrives(monkeypatch: pytest.MonkeyPatch, wait_s: float) -> None:
    async with looking(Inbox({"c": 1}), monkeypatch) as inbox_poller:
        assert await inbox_poller.more("c", 1, wait_s) is False


async def test_wait_times_out_and_polling_continues_while_redis_is_unreachable(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    inbox = Inbox({"c": 2}, away=True)
    async with looking(inbox, monkeypatch) as inbox_poller:
        assert await inbox_poller.more("c", 1, 0.05) is False
        inbox.away = False
        assert await inbox_poller.more("c", 1, LONG_S) is True


async def test_nothing_is_polled_while_nothing_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    inbox = Inbox({"c": 1})
    async with looking(inbox, monkeypatch) as inbox_poller:
        await inbox_poller.more("c", 1, 0.02)
        await asyncio.sleep(0.01)
        looks = len(inbox.looks)
        await asyncio.sleep(0.05)
        assert len(inbox.looks) == looks
