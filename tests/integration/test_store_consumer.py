"""Tests the consumer of a shared stream: one process per conversation; no item is lost by a crash or an outage."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest
from redis.exceptions import ConnectionError as RedisConnectionError

from bot.store import consumer as module
from bot.store.consumer import StreamConsumer
from tests.eventually import eventually
from tests.integration.working import retry_quickly

STREAM, GROUP = "t:ready", "workers"
PATIENCE_S = 20
NEVER_MS = 600_000  # longer than any test takes


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    retry_quickly(monkeypatch)


@dataclass
class Drained:
    """Counts the drained items and how many ran together; conversations in ``stuck`` wait until released."""

    redis: Any
    stuck: frozenset[str] = frozenset()
    seen: list[str] = field(default_factory=list)
    now: int = 0
    most: int = 0
    release: asyncio.Event = field(default_factory=asyncio.Event)

    async def __call__(self, conversation: str, entry: str) -> None:
        self.seen.append(conversation)
        self.now += 1
        self.most = max(self.most, self.now)
        try:
            if conversation in self.stuck:
                await self.release.wait()
            await asyncio.sleep(0.01)
            await self.redis.xack(STREAM, GROUP, entry)
        finally:
            self.now -= 1


@asynccontextmanager
async def consuming(redis: Any, drain: Any, most: int = 4, **more: Any) -> AsyncIterator[asyncio.Task[None]]:
    task = asyncio.create_task(StreamConsumer(redis, STREAM, GROUP, drain=drain, most=most, **more).run())
    try:
        yield task
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def put(redis: Any, *conversations: str) -> None:
    for one in conversations:
        await redis.xadd(STREAM, {"conversation": one})


async def until(true: Any) -> None:
    await eventually(true)


async def test_stream_is_drained_once_including_older_items(redis: Any) -> None:
    names = [f"c{number}" for number in range(40)]
    await put(redis, *names[:20])
    drained = Drained(redis)
    async with consuming(redis, drained), consuming(redis, drained):
        await put(redis, *names[20:])
        await until(lambda: len(drained.seen) >= 40)
    assert Counter(drained.seen) == Counter(names)


async def test_consumer_holds_at_most_its_limit(redis: Any) -> None:
    await put(redis, *(f"c{number}" for number in range(20)))
    drained = Drained(redis)
    async with consuming(redis, drained, most=3):
        await until(lambda: len(drained.seen) >= 20)
    assert drained.most == 3


async def test_slow_item_delays_no_other_and_keeps_its_lease(redis: Any) -> None:
    drained = Drained(redis, stuck=frozenset({"slow"}))
    await put(redis, "slow", *(f"c{number}" for number in range(9)))
    async with consuming(redis, drained), consuming(redis, drained):
        await until(lambda: len(drained.seen) >= 10)
        await asyncio.sleep(2 * module.RECLAIM_IDLE_MS / 1000)
        assert drained.seen.count("slow") == 1
        drained.release.set()


async def test_items_of_a_dead_process_are_reclaimed(redis: Any) -> None:
    stuck, drained = Drained(redis, stuck=frozenset({"slow"})), Drained(redis)
    await put(redis, "slow")
    async with consuming(redis, stuck):
        await until(lambda: stuck.seen)
    async with consuming(redis, drained):
        await until(lambda: drained.seen)
    assert drained.seen == ["slow"]


async def test_process_that_lost_an_item_takes_it_back_from_nobody_and_notices(redis: Any) -> None:
    """Otherwise, a bot that was stopped for longer than its lease would send what the other one sends."""
    drained = Drained(redis, stuck=frozenset({"slow"}))
    await put(redis, "slow")
    consumer = StreamConsumer(redis, STREAM, GROUP, drain=drained, most=4)
    task = asyncio.create_task(consumer.run())
    await until(lambda: drained.seen)
    ((entry, _),) = await redis.xrange(STREAM)
    assert consumer.holds(entry)
    await redis.xclaim(STREAM, GROUP, "other", min_idle_time=0, message_ids=[entry])
    await until(lambda: not consumer.holds(entry))
    (pending,) = await redis.xpending_range(STREAM, GROUP, "-", "+", 1)
    assert pending["consumer"] == "other"
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


async def test_item_that_was_lost_and_comes_back_is_worked_on(redis: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Otherwise, a reply would wait until this process happened to hold another item while it renews its leases."""
    held: list[bool] = []
    lost = asyncio.Event()

    async def drain(_conversation: str, entry: str) -> None:
        held.append(consumer.holds(entry))
        if lost.is_set():
            await redis.xack(STREAM, GROUP, entry)
        await lost.wait()

    async def renew(**arguments: Any) -> Any:
        """Renews the leases, but not again in this test once one was lost, so that no renewal corrects what is lost."""
        if found := await renewing(**arguments):
            monkeypatch.setattr(module, "RENEW_S", 2 * PATIENCE_S)
            monkeypatch.setattr(module, "RECLAIM_IDLE_MS", 1)
            lost.set()
        return found

    monkeypatch.setattr(module, "RECLAIM_IDLE_MS", NEVER_MS)
    consumer = StreamConsumer(redis, STREAM, GROUP, drain=drain, most=4)
    renewing, consumer._renewing = consumer._renewing, renew  # type: ignore[assignment]
    await put(redis, "c1")
    task = asyncio.create_task(consumer.run())
    await until(lambda: held)
    ((entry, _),) = await redis.xrange(STREAM)
    await redis.xclaim(STREAM, GROUP, "other", min_idle_time=0, message_ids=[entry])  # another process, which then dies
    await until(lambda: len(held) == 2)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    assert held == [True, True]


async def test_nothing_is_lost_once_nothing_is_worked_on(redis: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "RECLAIM_IDLE_MS", NEVER_MS)
    drained = Drained(redis, stuck=frozenset({"slow"}))
    await put(redis, "slow")
    consumer = StreamConsumer(redis, STREAM, GROUP, drain=drained, most=4)
    task = asyncio.create_task(consumer.run())
    await until(lambda: drained.seen)
    ((entry, _),) = await redis.xrange(STREAM)
    await redis.xclaim(STREAM, GROUP, "other", min_idle_time=0, message_ids=[entry])
    await until(lambda: not consumer.holds(entry))
    drained.release.set()
    await until(lambda: consumer.holds(entry))
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


async def test_unacknowledged_items_are_delivered_again(redis: Any) -> None:
    tries = []

    async def fails(conversation: str, entry: str) -> None:
        tries.append(conversation)
        if len(tries) < 3:
            raise RuntimeError("a mistake of ours")
        await redis.xack(STREAM, GROUP, entry)

    await put(redis, "c1")
    async with consuming(redis, fails):
        await until(lambda: len(tries) >= 3)
    assert tries == ["c1"] * 3


async def test_nothing_is_read_without_free_capacity(redis: Any) -> None:
    drained, room = Drained(redis), asyncio.Event()

    async def wait() -> None:
        await room.wait()

    await put(redis, "c1")
    async with consuming(redis, drained, room=wait):
        await asyncio.sleep(0.2)
        assert drained.seen == []
        room.set()
        await until(lambda: drained.seen)


async def test_consumer_resumes_when_redis_comes_back_even_without_its_stream(redis: Any) -> None:
    class Away:
        """A store whose next ``left`` reads fail."""

        left = 2

        def __getattr__(self, name: str) -> Any:
            if name == "xreadgroup" and self.left:
                self.left -= 1
                raise RedisConnectionError("away")
            return getattr(redis, name)

    drained = Drained(redis)
    async with consuming(Away(), drained):
        await put(redis, "c1")
        await until(lambda: drained.seen == ["c1"])
        await redis.flushall()
        await put(redis, "c2")
        await until(lambda: drained.seen == ["c1", "c2"])


async def test_stopping_cancels_the_items_in_progress(redis: Any) -> None:
    drained = Drained(redis, stuck=frozenset({"slow"}))
    await put(redis, "slow")
    async with consuming(redis, drained) as task:
        await until(lambda: drained.now == 1)
    assert (drained.now, task.done()) == (0, True)


async def test_hung_drain_is_cancelled_and_reclaimed(redis: Any) -> None:
    drained = Drained(redis, stuck=frozenset({"c1"}))
    await put(redis, "c1")
    async with consuming(redis, drained, drain_timeout_s=0.2):
        await until(lambda: len(drained.seen) >= 2)
        drained.release.set()
        await until(lambda: drained.now == 0)
    assert await redis.xpending(STREAM, GROUP) == {"pending": 0, "min": None, "max": None, "consumers": []}


async def test_consumer_ends_if_its_leases_are_not_renewed(redis: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Otherwise, other processes would take over items on which the consumer still works."""

    async def broken(*_: object, **__: object) -> None:
        raise RuntimeError("a mistake of ours")

    drained = Drained(redis, stuck=frozenset({"c1"}))
    await put(redis, "c1")
    monkeypatch.setattr(module, "Script", lambda *_: broken)
    async with consuming(redis, drained) as task:
        await until(task.done)
    assert isinstance(task.exception(), RuntimeError)
