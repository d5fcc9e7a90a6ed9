"""Tests lib/clock, lib/stream_ids and lib/events."""

from __future__ import annotations

import json
import time

import pytest
from redis.asyncio import Redis

from bot.store import keys
from bot.store.key_families import KeyFamily
from tests.lua.conftest import Call
from tests.lua.standing import conv, conversation, log, said, term_s

FAR_MS = 4_000_000_000_000


async def test_now_is_in_milliseconds(call: Call) -> None:
    assert abs(await call("clock", "now_ms") - time.time() * 1000) < 5000


@pytest.mark.parametrize(("text", "parts"), [("5-2", (5, 2)), ("5", 5)])
async def test_an_id_has_two_parts(call: Call, text: str, parts: object) -> None:
    found = await call("stream_ids", "parts_of", text)
    assert found == (parts if isinstance(parts, tuple) else (parts, 0))


@pytest.mark.parametrize(
    ("one", "other", "earlier"),
    [("5-2", "5-10", True), ("9-0", "10-0", True), ("5-1", "5-1", False), ("10-0", "9-5", False), ("5", "5-1", True)],
)
async def test_ids_are_compared_as_numbers(call: Call, one: str, other: str, earlier: bool) -> None:
    assert await call("stream_ids", "is_earlier", one, other) is earlier


@pytest.mark.parametrize(
    ("field", "value", "pending"),
    [("speaker", "assistant", False), ("speaker", "waiting", True), ("callback", "7", True)],
)
async def test_conversation_expires_unless_an_answer_or_call_is_due(
    call: Call, redis: Redis, field: str, value: str, pending: bool
) -> None:
    await conversation(redis, **{field: value})
    await call("events", "keep_alive", "c1")
    assert await term_s(redis, keys.conversation_key("c1")) == (-1 if pending else keys.IDLE_TTL_S)


@pytest.mark.parametrize(
    ("channel", "ends"), [("web", 7200), ("whatsapp", keys.IDLE_TTL_S), ("telegram", keys.IDLE_TTL_S)]
)
async def test_only_a_web_conversation_expires_after_the_term_of_the_agency(
    call: Call, redis: Redis, channel: str, ends: int
) -> None:
    await conversation(redis, channel=channel, idle_s=7200)
    await redis.xadd(keys.log_key("c1"), {"text": "hola"})
    await call("events", "keep_alive", "c1")
    assert [await term_s(redis, key("c1")) for key in (keys.conversation_key, keys.log_key)] == [ends, ends]


async def test_term_begins_again_when_an_attended_ticket_is_closed(call: Call, redis: Redis) -> None:
    await conversation(redis, channel="web", idle_s=7200, speaker="staff")
    await call("events", "append_event", "c1", "message", "citizen", "hola", "{}")
    assert await term_s(redis, keys.log_key("c1")) == -1
    await redis.hset(keys.conversation_key("c1"), "speaker", "assistant")
    await call("events", "append_event", "c1", "ticket_closed", "staff", "", "{}")
    assert await term_s(redis, keys.log_key("c1")) == 7200


@pytest.mark.parametrize("key", [keys.inbox_key, keys.outbox_key])
async def test_conversation_with_pending_work_does_not_expire(call: Call, redis: Redis, key: KeyFamily) -> None:
    await conversation(redis)
    await redis.rpush(key("c1"), "{}")
    await call("events", "keep_alive", "c1")
    assert await term_s(redis, keys.conversation_key("c1")) == -1


@pytest.mark.parametrize(("newest", "moment"), [(FAR_MS, (FAR_MS + 1, 0)), (1, None)])
async def test_moment_is_now_and_later_than_the_newest_event(
    call: Call, redis: Redis, newest: int, moment: object
) -> None:
    await redis.xadd(keys.log_key("c1"), {"kind": "message"}, id=f"{newest}-4")
    found = await call("events", "moment_in", "c1")
    assert found == moment if moment else abs(found[0] - time.time() * 1000) < 5000


async def test_outgoing_event_is_announced_once(call: Call, redis: Redis) -> None:
    await conversation(redis, channel="telegram", address="sealed")
    for number in (1, 2):
        await call("events", "append_to_outbox", "c1", "telegram", {"id": f"{number}-0"})
    assert await redis.lrange(keys.outbox_key("c1"), 0, -1) == ['{"id":"1-0"}', '{"id":"2-0"}']
    assert await redis.xlen(keys.sending_key("telegram")) == 1


async def test_nothing_is_sent_without_an_address(call: Call, redis: Redis) -> None:
    await conversation(redis)
    await call("events", "append_to_outbox", "c1", "web", {"id": "1-0"})
    assert await redis.exists(keys.outbox_key("c1"), keys.sending_key("web")) == 0


@pytest.mark.parametrize(
    ("kind", "author", "needed"),
    [
        ("ticket_opened", "system", True),
        ("proposal", "system", True),
        ("message", "citizen", True),
        ("message", "staff", False),
    ],
)
async def test_record_gets_the_address_while_work_is_pending(call: Call, kind: str, author: str, needed: bool) -> None:
    assert await call("events", "needs_address", "c1", kind, author) is needed


async def test_event_is_in_the_event_log_and_the_shared_stream(call: Call, redis: Redis) -> None:
    await conversation(redis, channel="telegram", address="sealed", answered="5")
    event_id = await call("events", "append_event", "c1", "message", "assistant", "hola", "{}", "secret")
    [(kept, row)] = await redis.xrange(keys.log_key("c1"))
    assert (kept, row["kind"], row["author"], row["text"]) == (event_id, "message", "assistant", "hola")
    [(_, everywhere)] = await redis.xrange(keys.EVENTS)
    facts = {"conversation": "c1", "channel": "telegram", "id": event_id, "answered": "5", "secret": "secret"}
    assert everywhere == row | facts | {"address": ""}
    assert [json.loads(one)["id"] for one in await redis.lrange(keys.outbox_key("c1"), 0, -1)] == [event_id]


async def test_citizens_message_is_not_sent_back(call: Call, redis: Redis) -> None:
    await conversation(redis, channel="telegram", address="sealed")
    await call("events", "append_event", "c1", "message", "citizen", "hola", "{}")
    assert await redis.llen(keys.outbox_key("c1")) == 0
    assert (await conv(redis, "sending")) == [None]


async def test_events_are_appended_in_order(call: Call, redis: Redis) -> None:
    await conversation(redis)
    await call("events", "append_events", "c1", [said("uno"), said("dos", a=1)])
    assert await log(redis) == [("message", "uno", {}), ("message", "dos", {"a": 1})]
