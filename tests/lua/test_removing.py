"""lib/removing."""

from __future__ import annotations

import json

import pytest
from redis.asyncio import Redis

from bot.store import keys
from tests.lua.conftest import Call
from tests.lua.standing import conversation

FORMS = [["mi clave", "…"], ["clave", "…"]]
LOG, OUTBOX = keys.log_key("c1"), keys.outbox_key("c1")


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("di mi clave y mi clave", "di … y …"),
        ("una clave", "una …"),
        ("nada", "nada"),
        ("", ""),
        ("100% (clave) [a-z]", "100% (…) [a-z]"),
    ],
)
async def test_words_are_taken_out_of_a_text(call: Call, text: str, left: str) -> None:
    assert await call("removing", "without", text, FORMS) == left


async def test_what_looks_like_a_pattern_is_meant_as_written(call: Call) -> None:
    assert await call("removing", "replace_all", "a.b a+b", "a.b", "…") == "… a+b"


async def test_hash_loses_words_and_whole_values(call: Call, redis: Redis) -> None:
    await redis.hset("h", mapping={"summary": "sí", "topic": "mi clave", "other": "mi clave"})
    await call("removing", "clean_hash", "h", ["summary", "topic", "missing"], FORMS, ["sí"])
    assert await redis.hgetall("h") == {"summary": "", "topic": "…", "other": "mi clave"}


async def test_list_keeps_its_order(call: Call, redis: Redis) -> None:
    await redis.rpush("l", "a", "mi clave", "b")
    await call("removing", "clean_list", "l", FORMS)
    assert await redis.lrange("l", 0, -1) == ["a", "…", "b"]


async def test_pending_message_is_dropped_by_its_id(call: Call, redis: Redis) -> None:
    await redis.rpush("l", *[json.dumps({"id": one}) for one in ("a", "b", "")])
    await call("removing", "drop_pending", "l", "b")
    await call("removing", "drop_pending", "l", "")
    assert [json.loads(line)["id"] for line in await redis.lrange("l", 0, -1)] == ["a", ""]


async def test_unsent_message_is_dropped_and_the_next_one_begins_anew(call: Call, redis: Redis) -> None:
    await conversation(redis, out_part="1", out_tries="2")
    await redis.rpush(OUTBOX, *[json.dumps({"id": one, "text": "mi clave"}) for one in ("1-0", "2-0", "3-0")])
    await call("removing", "drop_unsent", "c1", "2-0", FORMS)
    assert await redis.hget(keys.conversation_key("c1"), "out_part") == "1"
    await call("removing", "drop_unsent", "c1", "1-0", FORMS)
    assert await redis.hget(keys.conversation_key("c1"), "out_part") is None
    assert [json.loads(line) for line in await redis.lrange(OUTBOX, 0, -1)] == [{"id": "3-0", "text": "…"}]


async def test_log_keeps_ids_and_other_entries(call: Call, redis: Redis) -> None:
    for id, text in (("1-0", "antes"), ("2-0", "mi clave"), ("3-0", "dijiste mi clave")):
        await redis.xadd(LOG, {"kind": "message", "text": text, "data": json.dumps({"note": text})}, id=id)
    stub = json.dumps({"removed_at": 5})
    assert await call("removing", "blank_in_log", "c1", "2-0", stub, FORMS) is True
    assert await call("removing", "blank_in_log", "c1", "2-0", stub, FORMS) is False
    assert [(id, one["text"], json.loads(one["data"])) for id, one in await redis.xrange(LOG)] == [
        ("1-0", "antes", {"note": "antes"}),
        ("2-0", "", {"removed_at": 5}),
        ("3-0", "dijiste …", {"note": "dijiste …"}),
    ]
