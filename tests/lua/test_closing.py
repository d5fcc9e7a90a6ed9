"""Tests lib/closing, lib/ratings and lib/approvals."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest
from redis.asyncio import Redis

from bot.store import keys
from tests.lua.conftest import Call
from tests.lua.standing import conv, conversation, current, log, of_ticket, term_s, ticket

HELD = {"id": "p1", "team": "obras", "words": "¿cuándo?", "wait_ms": 5000, "events": "[]"}


async def test_assistant_continues_from_what_an_agent_answered(call: Call, redis: Redis) -> None:
    await current(redis, replied=1, entry="patente")
    await call("closing", "return_to_assistant", "c1", "7")
    assert await conv(redis, "speaker", "ticket", "resumed") == ["assistant", None, "patente"]


async def test_callback_that_ends_leaves_the_current_ticket(call: Call, redis: Redis) -> None:
    await conversation(redis, ticket="8", speaker="staff", callback="7")
    await ticket(redis)
    await call("closing", "return_to_assistant", "c1", "7")
    assert await conv(redis, "speaker", "ticket", "callback") == ["staff", "8", None]


async def test_closed_ticket_is_in_no_queue_and_expires(call: Call, redis: Redis) -> None:
    await current(redis)
    await call("closing", "close_ticket", "7", "solved")
    assert await of_ticket(redis, "state", "outcome") == ["closed", "solved"]
    assert (await redis.scard(keys.CLAIMED), await term_s(redis, keys.ticket_key("7"))) == (0, keys.IDLE_TTL_S)
    assert await conv(redis, "speaker") == ["assistant"]


async def test_scheduled_callback_has_no_owner_until_due(call: Call, redis: Redis) -> None:
    await current(redis)
    await call("closing", "schedule_callback", "7", 9000)
    assert await of_ticket(redis, "state", "owner_id", "by_phone") == ["callback", None, "1"]
    assert await conv(redis, "speaker", "ticket", "callback") == ["assistant", None, "7"]
    assert await redis.zscore(keys.CALLBACKS, "7") == 9000
    assert [(kind, data["due_ms"]) for kind, _, data in await log(redis)] == [("ticket_callback", 9000)]


async def test_callback_ends_once(call: Call, redis: Redis) -> None:
    await conversation(redis, callback="7")
    await ticket(redis, state="callback")
    for _ in range(2):
        await call("closing", "end_callback", "c1", "revoked")
    assert [(kind, data["outcome"]) for kind, _, data in await log(redis)] == [("ticket_closed", "revoked")]


async def test_rating_is_an_event(call: Call, redis: Redis) -> None:
    await conversation(redis)
    await call("ratings", "append_rating", "c1", "7", "4", "bien")
    assert await log(redis) == [("opinion", "bien", {"ticket": "7", "score": 4})]


@pytest.mark.parametrize(
    ("fields", "kept"),
    [
        ({"outcome": "solved"}, 1),
        ({}, 0),
        ({"outcome": "solved", "conversation": "c2"}, 0),
        ({"outcome": "x", "score": 1}, 0),
    ],
)
async def test_closed_ticket_is_rated_once_and_by_its_citizen(
    call: Call, redis: Redis, fields: dict[str, Any], kept: int
) -> None:
    await current(redis, **fields)
    assert await call("ratings", "rate", "c1", "7", 5, "") == kept
    assert len(await log(redis)) == kept


async def test_comment_is_added_once_to_a_score(call: Call, redis: Redis) -> None:
    await current(redis)
    await call("ratings", "add_comment", "c1", "7", "antes")
    await redis.hset(keys.ticket_key("7"), "score", 5)
    for words in ("muy bien", "otra vez"):
        await call("ratings", "add_comment", "c1", "7", words)
    assert await log(redis) == [("opinion", "muy bien", {"ticket": "7", "score": 5})]


async def test_pending_answer_waits(call: Call, redis: Redis) -> None:
    await conversation(redis)
    await call("approvals", "hold_for_approval", "c1", HELD)
    due = await redis.zscore(keys.APPROVALS, "p1")
    assert abs(due - time.time() * 1000 - 5000) < 5000
    assert await conv(redis, "proposal") == ["p1"]
    kept = await redis.hgetall(keys.approval_key("p1"))
    assert {name: kept[name] for name in ("conversation", "channel", "team", "words", "events")} == {
        "conversation": "c1",
        "channel": "web",
    } | {name: HELD[name] for name in ("team", "words", "events")}
    [(_, event)] = await redis.xrange(keys.EVENTS)
    assert (event["kind"], json.loads(event["secret"])) == ("proposal", HELD)


@pytest.mark.parametrize(
    ("fields", "decision", "refused"),
    [
        ({}, "approved", "gone"),
        ({"conversation": "c1", "due": 9e15}, "approved", False),
        ({"conversation": "c1", "due": 9e15}, "expired", "early"),
        ({"conversation": "c1", "due": 1}, "expired", False),
        ({"conversation": "c1", "due": 1, "decision": "approved", "by": "Ana"}, "rejected", "decided:Ana"),
    ],
)
async def test_early_or_repeated_decision_is_refused(
    call: Call, redis: Redis, fields: dict[str, Any], decision: str, refused: object
) -> None:
    if fields:
        await redis.hset(keys.approval_key("p1"), mapping=fields)
    assert await call("approvals", "refuse_decision", "p1", decision) == refused


async def test_decision_is_an_event_and_kept_for_a_while(call: Call, redis: Redis) -> None:
    await conversation(redis, approval="p1")
    await redis.hset(keys.approval_key("p1"), mapping={"conversation": "c1", "team": "obras", "words": "¿?"})
    await redis.zadd(keys.APPROVALS, {"p1": 1})
    await call("approvals", "record_decision", "p1", "rejected", "Ana", "no se envió")
    assert (await redis.zcard(keys.APPROVALS), await conv(redis, "proposal")) == (0, [None])
    assert await term_s(redis, keys.approval_key("p1")) == keys.DECIDED_TTL_S
    data = {"proposal": "p1", "team": "obras", "why": "rejected", "owner_name": "Ana"}
    assert await log(redis) == [("proposal_decided", "no se envió", data)]


async def test_text_of_a_pending_answer_joins_its_messages(call: Call, redis: Redis) -> None:
    await redis.hset(keys.approval_key("p1"), "events", json.dumps([{"text": "Una."}, {"text": "Dos."}]))
    assert [await call("approvals", "words_of", one) for one in ("p1", "p2")] == ["Una.\n\nDos.", ""]


async def test_withdrawn_answer_is_not_sent_and_later_messages_are_queued(call: Call, redis: Redis) -> None:
    await conversation(redis)
    await call("approvals", "withdraw_answer", "c1", "Ana")
    assert await log(redis) == []
    await call("approvals", "hold_for_approval", "c1", HELD)
    await redis.rpush(keys.inbox_key("c1"), "{}")
    await call("approvals", "withdraw_answer", "c1", "Ana")
    assert (await redis.zcard(keys.APPROVALS), await conv(redis, "proposal")) == (0, [None])
    assert [kind for kind, *_ in await log(redis)] == ["proposal", "proposal_decided"]
    assert await redis.xlen(keys.WORK) == 1
