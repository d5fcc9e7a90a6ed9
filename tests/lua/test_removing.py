"""Tests lib/removing."""

from __future__ import annotations

import json

from redis.asyncio import Redis

from bot.store import keys
from tests.lua.conftest import Call
from tests.lua.standing import conversation

LOG, OUTBOX = keys.log_key("c1"), keys.outbox_key("c1")


async def test_only_fields_that_are_as_they_were_read_change(call: Call, redis: Redis) -> None:
    await redis.hset("h", mapping={"summary": "sí", "topic": "nuevo", "other": "mi clave"})
    assert await call("removing", "rewrite_hashes", [["h", "summary", "sí", "…"]]) == 1
    assert not await call("removing", "rewrite_hashes", [["h", "topic", "viejo", "…"], ["h", "other", "mi clave", "…"]])
    assert await redis.hgetall("h") == {"summary": "…", "topic": "nuevo", "other": "…"}


async def test_list_keeps_its_order_and_what_was_not_read(call: Call, redis: Redis) -> None:
    await redis.rpush("l", "a", "mi clave", "b", "mi clave")
    assert await call("removing", "rewrite_lists", [["l", "mi clave", "…"]]) == 1
    assert not await call("removing", "rewrite_lists", [["l", "c", "…"]])
    assert await redis.lrange("l", 0, -1) == ["a", "…", "b", "…"]


async def test_owner_is_forgiven_once_no_message_waits(call: Call, redis: Redis) -> None:
    await conversation(redis, ticket="7-1")
    await redis.hset(keys.ticket_key("7-1"), "unanswered_since", "5")
    for key in (keys.inbox_key("c1"), keys.unanswered_key("c1")):
        await redis.rpush(key, "x")
        await call("removing", "forgive_answer", "c1")
        assert await redis.hget(keys.ticket_key("7-1"), "unanswered_since") == "5"
        await redis.delete(key)
    await call("removing", "forgive_answer", "c1")
    assert await redis.hget(keys.ticket_key("7-1"), "unanswered_since") is None


async def test_pending_message_is_dropped_by_its_id(call: Call, redis: Redis) -> None:
    await redis.rpush("l", *[json.dumps({"id": one}) for one in ("a", "b", "")])
    assert await call("removing", "drop_pending", "l", "b") == 1
    assert await call("removing", "drop_pending", "l", "") == 0
    assert [json.loads(line)["id"] for line in await redis.lrange("l", 0, -1)] == ["a", ""]


async def test_unsent_message_is_dropped_and_the_next_one_begins_anew(call: Call, redis: Redis) -> None:
    await conversation(redis, out_part="1", out_tries="2")
    await redis.rpush(OUTBOX, *[json.dumps({"id": one, "text": "mi clave"}) for one in ("1-0", "2-0", "3-0")])
    await call("removing", "drop_unsent", "c1", "2-0")
    assert await redis.hget(keys.conversation_key("c1"), "out_part") == "1"
    await call("removing", "drop_unsent", "c1", "1-0")
    assert await redis.hget(keys.conversation_key("c1"), "out_part") is None
    assert [json.loads(line) for line in await redis.lrange(OUTBOX, 0, -1)] == [{"id": "3-0", "text": "mi clave"}]


async def test_log_keeps_ids_and_other_entries(call: Call, redis: Redis) -> None:
    for id, text in (("1-0", "antes"), ("2-0", "mi clave"), ("3-0", "dijiste mi clave")):
        await redis.xadd(LOG, {"kind": "message", "text": text, "data": json.dumps({"note": text})}, id=id)
    stub = json.dumps({"removed_at": 5})
    changes = [["3-0", "text", "dijiste mi clave", "dijiste …"], ["1-0", "text", "otro", "…"]]
    assert await call("removing", "blank_in_log", "c1", "2-0", stub, changes) is True
    assert await call("removing", "blank_in_log", "c1", "2-0", stub, changes) is False
    assert [(id, one["text"], json.loads(one["data"])) for id, one in await redis.xrange(LOG)] == [
        ("1-0", "antes", {"note": "antes"}),
        ("2-0", "", {"removed_at": 5}),
        ("3-0", "dijiste …", {"note": "dijiste mi clave"}),
    ]
