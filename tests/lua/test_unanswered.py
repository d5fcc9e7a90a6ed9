"""Tests lib/unanswered."""

from __future__ import annotations

import json

import pytest
from redis.asyncio import Redis

from bot.store import keys
from tests.lua.conftest import Call
from tests.lua.standing import conv, conversation, current, term_s

KEPT, INBOX = keys.unanswered_key("c1"), keys.inbox_key("c1")


def line(name: str, at: int) -> str:
    return json.dumps({"id": name, "at": at})


async def lines(redis: Redis, key: str) -> list[tuple[str, bool]]:
    """Returns the ids of messages, and whether each was handed back."""
    found = map(json.loads, await redis.lrange(key, 0, -1))
    return [(one["id"], one.get("handed_back", False)) for one in found]


@pytest.mark.parametrize(("field", "at"), [({}, 0), ({"replied_staff": "1500-3"}, 1500)])
async def test_when_a_person_replied_is_known(call: Call, redis: Redis, field: dict[str, str], at: int) -> None:
    await conversation(redis, **field)
    assert await call("unanswered", "replied_at", "c1") == at


async def test_messages_after_a_persons_last_reply_are_kept(call: Call, redis: Redis) -> None:
    await conversation(redis, replied_staff="2-0")
    await call("unanswered", "keep_unanswered", "c1", [line("a", 1), line("b", 2), line("c", 3)])
    assert await lines(redis, KEPT) == [("c", False)]


async def test_the_newest_are_kept(call: Call, redis: Redis) -> None:
    await conversation(redis)
    more = range(1, keys.UNANSWERED_KEPT + 3)
    await call("unanswered", "keep_unanswered", "c1", [line(str(one), one) for one in more])
    assert await lines(redis, KEPT) == [(str(one), False) for one in more[2:]]


async def test_dropped_messages_count_as_answered(call: Call, redis: Redis) -> None:
    await conversation(redis, answered=1)
    await call("unanswered", "forget_unanswered", "c1")
    assert await conv(redis, "answered") == ["1"]
    await redis.rpush(KEPT, line("a", 2), line("b", 3))
    await call("unanswered", "forget_unanswered", "c1")
    assert (await redis.exists(KEPT), await conv(redis, "answered")) == (0, ["3"])


@pytest.mark.parametrize(
    ("kept", "inbox", "newest"), [([], [], ""), (["a"], [], "a"), ([], ["b"], "b"), (["a"], ["b", "c"], "c")]
)
async def test_the_newest_may_be_in_the_inbox(
    call: Call, redis: Redis, kept: list[str], inbox: list[str], newest: str
) -> None:
    for key, names in ((KEPT, kept), (INBOX, inbox)):
        for name in names:
            await redis.rpush(key, line(name, 1))
    assert await call("unanswered", "newest_unanswered", "c1") == newest


@pytest.mark.parametrize(
    ("fields", "newest", "is_owed"),
    [
        ({}, False, True),
        ({"replied": 1}, False, False),
        ({"replied": 1}, True, True),
        ({"replied": 1, "unanswered_since": 5}, False, True),
        ({"reopened": 1}, False, False),
        ({"reopened": 1}, True, True),
    ],
)
async def test_first_reply_and_answers_are_owed(
    call: Call, redis: Redis, fields: dict[str, int], newest: bool, is_owed: bool
) -> None:
    await current(redis, **fields)
    if newest:
        await redis.rpush(KEPT, line("a", 1))
    assert await call("unanswered", "is_answer_owed", "c1", "7") is is_owed


@pytest.mark.parametrize(("stay", "left"), [(True, [True, False]), (False, [True])])
async def test_handed_back_messages_are_marked(call: Call, redis: Redis, stay: bool, left: list[bool]) -> None:
    written = [line("a", 1), line("b", 2)]
    marked, first_at = await call("unanswered", "mark_handed_back", written, {"a": True}, stay)
    assert [json.loads(one).get("handed_back", False) for one in marked] == left
    assert first_at == 1


async def test_handed_back_messages_come_first_and_are_to_be_answered(call: Call, redis: Redis) -> None:
    await conversation(redis, answered=1)
    await redis.rpush(KEPT, line("thanks", 4), line("a", 5), line("b", 6))
    await redis.rpush(INBOX, line("read", 7), line("c", 8))
    await call("unanswered", "hand_back", "c1", ["a", "b", "c"])
    assert await lines(redis, INBOX) == [("a", True), ("b", True), ("read", False), ("c", True)]
    assert (await redis.exists(KEPT), await conv(redis, "answered")) == (0, ["4"])
    assert [row["conversation"] for _, row in await redis.xrange(keys.WORK)] == ["c1"]


async def test_nothing_to_hand_back_is_forgotten(call: Call, redis: Redis) -> None:
    await conversation(redis)
    await redis.rpush(KEPT, line("thanks", 4))
    await redis.rpush(INBOX, line("read", 7))
    await call("unanswered", "hand_back", "c1", [])
    assert await lines(redis, INBOX) == [("read", False)]
    assert (await redis.exists(KEPT), await conv(redis, "answered")) == (0, ["4"])


async def test_return_to_the_assistant_deletes_the_messages_kept_for_a_person(call: Call, redis: Redis) -> None:
    await current(redis)
    await redis.rpush(KEPT, line("a", 1))
    await call("closing", "return_to_assistant", "c1", "7")
    assert await redis.exists(KEPT) == 0


async def test_messages_left_to_a_person_are_kept_until_answered(call: Call, redis: Redis) -> None:
    await current(redis)
    await redis.rpush(INBOX, line("a", 1), line("b", 2), line("c", 3))
    await call("turn", "take_from_inbox", "c1", 1, True)
    await call("turn", "take_from_inbox", "c1", 1, False)
    assert (await lines(redis, KEPT), await lines(redis, INBOX)) == ([("a", False)], [("c", False)])
    assert await conv(redis, "answered") == [None]
    await call("unanswered", "forget_unanswered", "c1")
    await call("turn", "take_from_inbox", "c1", 1, False)
    assert await conv(redis, "answered") == ["3"]


async def test_kept_messages_are_deleted_with_their_conversation(call: Call, redis: Redis) -> None:
    await current(redis)
    await redis.rpush(KEPT, line("a", 1))
    await call("events", "keep_alive", "c1")
    assert await term_s(redis, KEPT) == -1
    await redis.hset(keys.conversation_key("c1"), "speaker", "assistant")
    await call("events", "keep_alive", "c1")
    assert await term_s(redis, KEPT) == keys.IDLE_TTL_S
