"""Tests that a conversation with pending work is queued again where its entry is missing, and untouched elsewhere."""

from __future__ import annotations

from typing import Any

import pytest
from redis.asyncio import Redis

from bot.store import keys
from tests.lua.conftest import Call
from tests.lua.standing import conversation

SENDING = keys.sending_key("telegram")


@pytest.mark.parametrize(("entry", "found"), [("5-0", True), ("6-0", False), ("1", False), (None, None)])
async def test_entry_is_found_by_its_id(call: Call, redis: Redis, entry: str | None, found: bool | None) -> None:
    await redis.xadd(keys.WORK, {"conversation": "c1"}, id="5-0")
    assert bool(await call("stream_ids", "is_in_stream", keys.WORK, entry)) == bool(found)


async def test_empty_inbox_needs_no_entry(call: Call, redis: Redis) -> None:
    await conversation(redis)
    assert not await call("work", "repair_work", "c1")


@pytest.mark.parametrize(("more", "repaired"), [({}, True), ({"queued": "9-0"}, True), ({"proposal": "p"}, False)])
async def test_inbox_without_entry_gets_one(call: Call, redis: Redis, more: dict[str, Any], repaired: bool) -> None:
    await conversation(redis, **more)
    await redis.rpush(keys.inbox_key("c1"), "{}")
    assert [bool(await call("work", "repair_work", "c1")) for _ in range(2)] == [repaired, False]
    assert await redis.xlen(keys.WORK) == int(repaired)


async def test_outbox_without_entry_gets_one(call: Call, redis: Redis) -> None:
    await conversation(redis, channel="telegram", sending="1")
    assert not await call("sending", "repair_sending", "c1")
    await redis.rpush(keys.outbox_key("c1"), "{}")
    assert [bool(await call("sending", "repair_sending", "c1")) for _ in range(2)] == [True, False]
    assert await redis.xlen(SENDING) == 1


async def test_outbox_waiting_for_a_retry_is_left_alone(call: Call, redis: Redis) -> None:
    await conversation(redis, channel="telegram", sending="retry")
    await redis.rpush(keys.outbox_key("c1"), "{}")
    await redis.zadd(keys.retry_key("telegram"), {"c1": 1})
    assert not await call("sending", "repair_sending", "c1")
    assert await redis.xlen(SENDING) == 0


async def test_conversation_is_in_the_sending_stream_once(call: Call, redis: Redis) -> None:
    await conversation(redis, channel="telegram")
    for _ in range(2):
        await call("sending", "enqueue_sending", "c1", "telegram")
    assert await redis.xlen(SENDING) == 1


async def test_added_entries_are_noted_in_the_conversation(call: Call, redis: Redis) -> None:
    await conversation(redis, channel="telegram")
    await call("work", "add_work", "c1")
    await call("sending", "add_sending", "c1", "telegram")
    entries = [(await redis.xrange(stream))[0][0] for stream in (keys.WORK, SENDING)]
    assert await redis.hmget(keys.conversation_key("c1"), ["queued", "sending"]) == entries
