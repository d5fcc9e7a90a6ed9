"""Tests lib/recovery, lib/outbox and lib/sending."""

from __future__ import annotations

import json
from typing import Any

import pytest
from redis.asyncio import Redis

from bot.store import keys
from tests.lua.conftest import Call
from tests.lua.standing import conv, conversation, log, said


def line(event_id: str, author: str = "citizen") -> list[str]:
    return [event_id, "kind", "message", "author", author, "text", event_id, "data", "{}", "at", "1"]


async def test_older_events_are_put_before_the_present_ones(call: Call, redis: Redis) -> None:
    await redis.xadd(keys.log_key("c1"), {"text": "now"}, id="9-0")
    await call("recovery", "restore_log", "c1", [line("3-0"), line("9-0"), line("10-0")])
    assert [(one, row["text"]) for one, row in await redis.xrange(keys.log_key("c1"))] == [
        ("3-0", "3-0"),
        ("9-0", "now"),
    ]


@pytest.mark.parametrize(("authors", "answered"), [(["citizen"], False), (["citizen", "assistant"], True), ([], False)])
async def test_event_log_with_an_answer_counts_as_welcomed(call: Call, authors: list[str], answered: bool) -> None:
    assert await call("recovery", "was_answered", [line("1-0", author) for author in authors]) is answered


async def test_facts_already_in_redis_are_kept(call: Call, redis: Redis) -> None:
    await conversation(redis, known='{"comuna":"Arica"}', inbound_at=9, welcomed=0)
    archived: dict[str, Any] = {"id": "c1", "channel": "web", "address": "sealed", "log": [line("1-0", "staff")]}
    facts = {"inbound_at": 5, "known": {"comuna": "Iquique", "idioma": "pt"}, "dangers": '{"gas":{}}', "idle_s": 7200}
    await call("recovery", "restore_conversation", archived | facts)
    [known] = await conv(redis, "known")
    assert json.loads(str(known)) == {"comuna": "Arica", "idioma": "pt"}
    assert await conv(redis, "address", "inbound_at", "welcomed", "dangers", "idle_s") == [
        "sealed",
        "9",
        "1",
        '{"gas":{}}',
        "7200",
    ]


async def outbox(redis: Redis, *ids: str) -> None:
    await conversation(redis, channel="telegram", address="sealed", out_part=1, out_begun=1, out_tries=1)
    await redis.rpush(keys.outbox_key("c1"), *(json.dumps({"id": one}) for one in ids))


async def test_oldest_event_is_sent_first(call: Call, redis: Redis) -> None:
    assert await call("outbox", "oldest_unsent", "c1") is False
    await outbox(redis, "1-0", "2-0")
    assert await call("outbox", "oldest_unsent", "c1") == {"id": "1-0"}
    assert [bool(await call("outbox", "is_oldest_unsent", "c1", one)) for one in ("1-0", "2-0")] == [True, False]


async def test_next_event_starts_with_no_parts_or_tries(call: Call, redis: Redis) -> None:
    await outbox(redis, "1-0", "2-0")
    await call("outbox", "drop_oldest_unsent", "c1")
    assert await redis.lrange(keys.outbox_key("c1"), 0, -1) == ['{"id": "2-0"}']
    assert await conv(redis, "out_part", "out_begun", "out_tries") == [None, None, None]


async def test_delivery_is_stored(call: Call, redis: Redis) -> None:
    assert (await call("outbox", "read_delivery", "c1", "1-0"))["state"] == "sending"
    delivery = {"state": "sent", "sent": ["SM1"]}
    await call("outbox", "write_delivery", "c1", "1-0", delivery)
    assert await call("outbox", "read_delivery", "c1", "1-0") == delivery


async def test_failure_is_an_event(call: Call, redis: Redis) -> None:
    await conversation(redis)
    await call("outbox", "fail_delivery", "c1", "1-0", "blocked")
    kept = json.loads(str(await redis.hget(keys.delivery_key("c1"), "1-0")))
    assert (kept["state"], kept["reason"]) == ("failed", "blocked")
    assert await log(redis) == [("delivery", "", {"of": "1-0", "state": "failed", "reason": "blocked"})]


@pytest.mark.parametrize(
    ("notice", "reason", "told"), [("3.1", "refused", 0), ("3.1", "unknown", 1), ("", "refused", 1)]
)
async def test_notice_that_did_not_arrive_counts_as_not_told(
    call: Call, redis: Redis, notice: str, reason: str, told: int
) -> None:
    await conversation(redis, **{"notified:3.1": 1})
    await redis.xadd(keys.log_key("c1"), said("Corte de agua", notice=notice), id="1-0")
    await call("outbox", "forget_notice", "c1", "9-9")  # an event that the log has dropped
    await call("outbox", "fail_delivery", "c1", "1-0", reason)
    assert await redis.hexists(keys.conversation_key("c1"), "notified:3.1") == told


async def test_entry_is_acknowledged_once(call: Call, redis: Redis) -> None:
    stream = keys.sending_key("telegram")
    await redis.xgroup_create(stream, keys.SENDERS, id="0", mkstream=True)
    entry = await redis.xadd(stream, {"conversation": "c1"})
    await redis.xreadgroup(keys.SENDERS, "me", {stream: ">"})
    assert [await call("sending", "acknowledge_sending", "telegram", entry) for _ in range(2)] == [True, False]
    assert await redis.xlen(stream) == 0
