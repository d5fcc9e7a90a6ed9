"""Tests lib/conversation, lib/work and lib/notices."""

from __future__ import annotations

import time

import pytest
from redis.asyncio import Redis

from bot.core.channels import reply_windows
from bot.core.messages import Channel
from bot.store import keys
from tests.lua.conftest import Call
from tests.lua.standing import conv, conversation, log, said

FREE_MS = reply_windows()[Channel.WHATSAPP].free_ms


async def test_conversation_is_created_once(call: Call, redis: Redis) -> None:
    made = [
        await call("conversation", "create_conversation", "c1", "telegram", encrypted) for encrypted in ("a", "b", "")
    ]
    assert made == [1, 0, 0]
    assert await conv(redis, "channel", "address", "speaker", "welcomed") == ["telegram", "b", "assistant", "0"]


async def test_only_the_conversations_own_ticket_is_current(call: Call, redis: Redis) -> None:
    await conversation(redis, ticket="7")
    assert [await call("conversation", "is_current_ticket", "c1", one) for one in ("7", "8")] == [True, False]


@pytest.mark.parametrize(("ticket", "expected"), [("7", ["staff", None, None]), ("8", ["waiting", "[]", "{}"])])
async def test_staff_as_speaker_end_the_offered_choices(
    call: Call, redis: Redis, ticket: str, expected: list[str | None]
) -> None:
    await conversation(redis, ticket="7", speaker="waiting", buttons="[]", form="{}")
    await call("conversation", "set_speaker", "c1", ticket, "staff")
    assert await conv(redis, "speaker", "buttons", "form") == expected


async def test_staff_answer_is_kept_for_some_turns(call: Call, redis: Redis) -> None:
    await call("conversation", "resume_from", "c1", "patente", "pagó")
    kept = await conv(redis, "resumed", "resumed_summary", "resumed_for")
    assert kept == ["patente", "pagó", str(keys.RESUMED_TURNS)]


@pytest.mark.parametrize(
    ("event", "left"),
    [(said("sí", "assistant", provenance={}), None), (said("sí", "assistant"), "patente"), (said("sí"), "patente")],
)
async def test_assistants_answer_ends_the_staff_context(
    call: Call, redis: Redis, event: dict[str, str], left: str | None
) -> None:
    await conversation(redis, resumed="patente")
    await call("conversation", "forget_resumed_when_answered", "c1", [event])
    assert await conv(redis, "resumed") == [left]


async def test_learnt_facts_are_appended_once(call: Call, redis: Redis) -> None:
    await conversation(redis, known='{"idioma":"es"}')
    for _ in range(2):
        await call("conversation", "learn", "c1", {"comuna": "Arica"})
    assert await log(redis) == [("known", "", {"idioma": "es", "comuna": "Arica"})]


async def test_conversation_is_in_the_work_queue_once(call: Call, redis: Redis) -> None:
    await conversation(redis)
    for _ in range(2):
        await call("work", "enqueue_work", "c1")
    ((entry, fields),) = await redis.xrange(keys.WORK)
    assert fields == {"conversation": "c1"}
    assert await conv(redis, "queued") == [entry]


async def test_acknowledged_work_is_removed(call: Call, redis: Redis) -> None:
    await redis.xgroup_create(keys.WORK, keys.WORKERS, id="0", mkstream=True)
    entry = await redis.xadd(keys.WORK, {"conversation": "c1"})
    await redis.xreadgroup(keys.WORKERS, "me", {keys.WORK: ">"})
    await call("work", "acknowledge_work", entry)
    assert (await redis.xlen(keys.WORK), (await redis.xpending(keys.WORK, keys.WORKERS))["pending"]) == (0, 0)


@pytest.mark.parametrize(
    ("channel", "ago_ms", "open_"),
    [("web", FREE_MS + 1000, True), ("whatsapp", FREE_MS + 1000, False), ("whatsapp", FREE_MS - 5000, True)],
)
async def test_only_whatsapp_has_a_window(call: Call, redis: Redis, channel: str, ago_ms: int, open_: bool) -> None:
    await conversation(redis, channel=channel, inbound_at=int(time.time() * 1000) - ago_ms)
    assert await call("notices", "in_window", "c1") is open_
    assert await call("notices", "in_window", "c1", True)  # a template goes out at any time


async def test_opted_out_citizen_gets_no_notices(call: Call, redis: Redis) -> None:
    await conversation(redis)
    before = [await call("notices", name, "c1") for name in ("refuses_notices", "may_notify")]
    await redis.sadd(keys.NOTICES_OFF, "c1")
    after = [await call("notices", name, "c1") for name in ("refuses_notices", "may_notify")]
    assert (before, after) == ([False, True], [True, False])


async def test_notice_placeholders_are_filled(call: Call, redis: Redis) -> None:
    await conversation(redis)
    await call("notices", "notify", "c1", [said("{nombre}: {posicion} {otro}")], {"nombre": "100 %1", "posicion": 3})
    assert [text for _, text, _ in await log(redis)] == ["100 %1: 3 {otro}"]


async def test_dialogue_and_unheard_turns_are_kept(call: Call, redis: Redis) -> None:
    await conversation(redis, dialogue="old")
    for dialogue, unheard in (("", ""), ("new", "one"), ("newer", "two")):
        await call("conversation", "remember_turn", "c1", dialogue or None, unheard or None)
    assert await conv(redis, "dialogue") == ["newer"]
    assert await redis.lrange(keys.unheard_key("c1"), 0, -1) == ["one", "two"]
    assert await redis.zrange(keys.UNHEARD, 0, -1) == ["c1"]


async def test_sent_public_notices_are_recorded(call: Call, redis: Redis) -> None:
    await conversation(redis)
    await call("conversation", "mark_notified", "c1", ["1.1", "2.1"])
    await call("conversation", "mark_notified", "c1", None)
    assert await conv(redis, "notified:1.1", "notified:2.1", "notified:3.1") == ["1", "1", None]


@pytest.mark.parametrize("field", ["notified", "told"])
async def test_notice_marked_by_this_or_an_older_release_counts_as_sent(call: Call, redis: Redis, field: str) -> None:
    await conversation(redis, **{f"{field}:1.1": "1"})
    assert [bool(await call("conversation", "was_notified", "c1", one)) for one in ("1.1", "2.1")] == [True, False]
