"""Tests lib/withdrawing."""

from __future__ import annotations

import json

import pytest
from redis.asyncio import Redis

from bot.store import keys
from tests.lua.conftest import Call
from tests.lua.standing import conversation, said

OUTBOX = keys.outbox_key("c1")
FACTS = {"broadcast": "7", "notice": "3.1"}


async def queued(redis: Redis, **fields: str) -> None:
    await conversation(redis, **{"notified:3.1": "1", **fields})
    await redis.set(keys.broadcast_key("7", "c1"), 1)
    await redis.rpush(OUTBOX, json.dumps({"id": "1-0", "data": json.dumps(FACTS)}))
    await redis.xadd(keys.log_key("c1"), said("Corte de agua", **FACTS), id="1-0")


async def test_only_a_broadcast_is_withdrawn_after_baja_or_a_stop(call: Call, redis: Redis) -> None:
    await queued(redis)
    assert await call("withdrawing", "withdrawn_because", "c1") is False
    await redis.sadd(keys.BROADCASTS_STOPPED, "7")
    assert await call("withdrawing", "withdrawn_because", "c1") == "stopped"
    await redis.sadd(keys.NOTICES_OFF, "c1")
    assert await call("withdrawing", "withdrawn_because", "c1") == "off"
    for event in ({"id": "0-1", "data": "{}"}, {"id": "0-1"}):
        await redis.lpush(OUTBOX, json.dumps(event))
        assert await call("withdrawing", "withdrawn_because", "c1") is False


NOTICES = json.dumps([{"id": "3.1", "ends_at": 1}, {"id": "3.2", "ends_at": 4_000_000_000_000}])


@pytest.mark.parametrize(
    ("notice", "notices", "ended"),
    [
        ("2.1", NOTICES, True),
        ("3.1", NOTICES, True),
        ("3.2", NOTICES, False),
        ("2.1", "[]", True),
        ("2.1", "", False),
    ],
)
async def test_notice_that_nobody_asked_for_is_withdrawn_once_it_has_ended(
    call: Call, redis: Redis, notice: str, notices: str, ended: bool
) -> None:
    await conversation(redis)
    if notices:
        await redis.set(keys.PUBLIC_NOTICES, notices)
    assert await call("withdrawing", "has_ended", notice) == ended
    for facts in ({"notice": notice}, {"notice": notice, "lapses": True}):
        await redis.lpush(OUTBOX, json.dumps({"id": "1-0", "data": json.dumps(facts)}))
        expected = "ended" if ended and "lapses" in facts else False
        assert await call("withdrawing", "withdrawn_because", "c1") == expected
        await call("withdrawing", "withdraw_oldest", "c1", "ended", "mine")
    assert (await redis.llen(OUTBOX), await redis.llen(keys.BROADCASTS_WITHDRAWN)) == (0, 0)


@pytest.mark.parametrize(
    ("fields", "arrived"),
    [
        ({}, False),
        ({"out_begun": "1", "out_attempt": "mine"}, False),
        ({"out_begun": "2", "out_attempt": "mine"}, True),
        ({"out_begun": "1", "out_attempt": "other"}, True),
        ({"out_unsure": "1"}, True),
        ({"out_tries": "3"}, False),
    ],
)
async def test_message_that_may_have_arrived_is_unknown_and_never_sent_again(
    call: Call, redis: Redis, fields: dict[str, str], arrived: bool
) -> None:
    await queued(redis, **fields)
    assert await call("withdrawing", "may_have_arrived", "c1", "mine") is arrived
    await call("withdrawing", "withdraw_oldest", "c1", "stopped", "mine")
    delivery = json.loads(await redis.hget(keys.delivery_key("c1"), "1-0"))
    assert delivery["reason"] == ("unknown" if arrived else "withdrawn")
    kept = [
        await redis.exists(keys.broadcast_key("7", "c1")),
        await redis.hexists(keys.conversation_key("c1"), "notified:3.1"),
    ]
    assert (await redis.llen(OUTBOX), kept) == (0, [arrived, arrived])
    listed = [json.loads(line) for line in await redis.lrange(keys.BROADCASTS_WITHDRAWN, 0, -1)]
    withdrawn = {"broadcast": "7", "conversation": "c1", "event": "1-0", "why": "stopped"}
    assert listed == ([] if arrived else [withdrawn])
