"""Tests lib/turn."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest
from redis.asyncio import Redis

from bot.store import keys
from tests.lua.conftest import Call
from tests.lua.standing import conv, conversation, current, log, of_ticket, said, ticket

HANDOFF = {"team": "obras"}


async def inbox(redis: Redis, *ids: str) -> None:
    for number, name in enumerate(ids, 1):
        await redis.rpush(keys.inbox_key("c1"), json.dumps({"id": name, "at": number}))


@pytest.mark.parametrize(
    ("ids", "oldest"), [(["a"], True), (["a", "b"], True), (["b"], False), (["a", "b", "c"], False)]
)
async def test_only_the_oldest_messages_count(call: Call, redis: Redis, ids: list[str], oldest: bool) -> None:
    await inbox(redis, "a", "b")
    assert await call("turn", "are_oldest", "c1", ids) is oldest


@pytest.mark.parametrize(
    ("fields", "ids", "handoff", "refused"),
    [
        ({}, ["a"], None, False),
        ({}, ["b"], None, "stale"),
        ({"speaker": "staff"}, ["a"], None, "speaker"),
        ({"proposal": "p1"}, ["a"], None, "held"),
        ({}, ["a"], HANDOFF, "empty"),
    ],
)
async def test_outdated_turn_is_refused(
    call: Call, redis: Redis, fields: dict[str, str], ids: list[str], handoff: object, refused: object
) -> None:
    await conversation(redis, **fields)
    await inbox(redis, "a")
    assert await call("turn", "refuse_turn", "c1", "assistant", ids, handoff) == refused


@pytest.mark.parametrize(("priority", "refused"), [("normal", "banned"), ("high", "banned"), ("emergency", False)])
async def test_blocked_conversation_gets_no_ticket_but_in_an_emergency(
    call: Call, redis: Redis, priority: str, refused: object
) -> None:
    await conversation(redis)
    await inbox(redis, "a")
    await redis.set(keys.RESTORED, "1")
    await redis.set(keys.ban_key("c1"), "{}")
    handoff = HANDOFF | {"priority": priority}
    assert await call("turn", "refuse_turn", "c1", "assistant", ["a"], handoff) == refused
    assert await call("turn", "refuse_turn", "c1", "assistant", ["a"], None) is False
    assert await call("opening", "is_barred", "c1", handoff) is (refused == "banned")


async def test_messages_of_a_deleted_conversation_are_dropped(call: Call, redis: Redis) -> None:
    await inbox(redis, "a", "b")
    assert await call("turn", "refuse_turn", "c1", "assistant", ["a"], None) == "stale"
    assert await redis.exists(keys.inbox_key("c1")) == 0


async def test_answered_messages_leave_the_inbox(call: Call, redis: Redis) -> None:
    await conversation(redis)
    await inbox(redis, "a", "b", "c")
    await call("turn", "take_from_inbox", "c1", 2)
    assert [json.loads(one)["id"] for one in await redis.lrange(keys.inbox_key("c1"), 0, -1)] == ["c"]
    assert await conv(redis, "answered") == ["2"]


async def test_escalated_ticket_goes_ahead(call: Call, redis: Redis) -> None:
    await ticket(redis)
    await redis.zadd(keys.queue_key("obras"), {"6": 5, "7": 3e13})
    await call("priority", "escalate", "7", "emergency")
    assert await of_ticket(redis, "priority", "reason") == ["emergency", "emergency"]
    assert await redis.zscore(keys.queue_key("obras"), "7") == 1000


@pytest.mark.parametrize(
    ("kept", "state", "alarmed", "again"),
    [
        ({"gas": {"sure": True, "at": 1, "denied": 2}}, "waiting", '["a"]', ["7"]),
        ({"medica": {"sure": True, "at": 1, "denied": 2}}, "waiting", '["a"]', ["7"]),  # another kind
        ({"gas": {"sure": True, "at": 1, "denied": 2}}, "waiting", None, []),  # nobody got it yet: it is still due
        ({"gas": {"sure": True, "at": 1, "denied": 2}}, "claimed", '["a"]', []),
        ({"gas": {"sure": True, "at": 3}, "medica": {"sure": True, "at": 1, "denied": 2}}, "waiting", '["a"]', []),
    ],
)
async def test_emergency_reported_again_after_a_denial_is_alarmed_again(
    call: Call, redis: Redis, kept: dict[str, Any], state: str, alarmed: str | None, again: list[str]
) -> None:
    await conversation(redis, ticket="7", speaker="waiting", dangers=json.dumps(kept))
    await ticket(redis, priority="emergency", state=state, **({"alarmed": alarmed} if alarmed else {}))
    await call("turn", "say_replies", "c1", "7", [said("130", danger={"kind": "gas", "sure": True})])
    assert await redis.zrange(keys.ALARMS, 0, -1) == again


GAS, MINUTE_MS = {"kind": "gas", "sure": True}, 60_000


async def told_again(call: Call, redis: Redis, *, sent: bool, **danger: Any) -> int:
    """Denies, then tells the danger again; returns in how many minutes the alarm is due, rounded, -1 if in none."""
    if sent:  # the alarm was due, and somebody got it
        await redis.hset(keys.ticket_key("7"), "alarmed", '["a"]')
        await redis.zrem(keys.ALARMS, "7")
    for one in (GAS | {"denied": True}, GAS | danger):
        await call("turn", "say_replies", "c1", "7", [said("130", danger=one)])
    due = await redis.zscore(keys.ALARMS, "7")
    return -1 if due is None else round((due - time.time() * 1000) / MINUTE_MS)


async def test_danger_denied_and_told_many_times_alarms_at_once_and_then_every_quarter_of_an_hour(
    call: Call, redis: Redis
) -> None:
    await conversation(redis, ticket="7", speaker="waiting", dangers=json.dumps({"gas": {"sure": True, "at": 1}}))
    await ticket(redis, priority="emergency")
    due = [await told_again(call, redis, sent=sent) for sent in (True, True, False, False)]
    assert due == [0, 15, 15, 15]
    assert await of_ticket(redis, "alarmed") == [None]  # who got it gets it again then


@pytest.mark.parametrize("sent", [True, False])
async def test_danger_of_a_new_kind_after_a_denial_alarms_at_once(call: Call, redis: Redis, sent: bool) -> None:
    await conversation(redis, ticket="7", speaker="waiting", dangers=json.dumps({"gas": {"sure": True, "at": 1}}))
    await ticket(redis, priority="emergency")
    assert [await told_again(call, redis, sent=True) for _ in range(2)] == [0, 15]
    assert await told_again(call, redis, sent=sent, kind="medica") == 0


async def test_escalated_ticket_stays_with_its_owner(call: Call, redis: Redis) -> None:
    await current(redis)
    await call("priority", "escalate", "7", "emergency")
    assert await of_ticket(redis, "state") == ["claimed"]


@pytest.mark.parametrize(
    ("priority", "moved", "score"),
    [("normal", True, 1e13), ("callback", True, 1e13), ("high", False, 5), ("emergency", False, 5)],
)
async def test_ticket_put_first_moves_before_others_and_keeps_its_reason(
    call: Call, redis: Redis, priority: str, moved: bool, score: float
) -> None:
    await ticket(redis, priority=priority)
    await redis.zadd(keys.queue_key("obras"), {"7": 5})
    before = await of_ticket(redis, "reason")
    assert await call("priority", "put_first", "7") is moved
    assert await of_ticket(redis, "priority", "reason") == ["high" if moved else priority, *before]
    assert round(await redis.zscore(keys.queue_key("obras"), "7"), -4) == round(score, -4)
    assert await redis.zcard(keys.ALARMS) == 0


@pytest.mark.parametrize("priority", ["normal", "high"])
async def test_ticket_put_first_waits_no_longer_behind_all_for_its_sender(
    call: Call, redis: Redis, priority: str
) -> None:
    await ticket(redis, priority=priority, crowded=1)
    await call("queue", "set_state", "7", "waiting")
    behind = await redis.zscore(keys.queue_key("obras"), "7")
    moved = await call("priority", "put_first", "7")
    score = await redis.zscore(keys.queue_key("obras"), "7")
    assert (moved, round(behind, -4), round(score, -4)) == (True, 3.5e13, 1e13)
    assert await of_ticket(redis, "priority", "crowded") == ["high", None]
    assert await call("priority", "put_first", "7") is False


async def test_replies_contain_the_position(call: Call, redis: Redis) -> None:
    await conversation(redis, resumed="patente")
    await ticket(redis)
    await redis.zadd(keys.queue_key("obras"), {"7": 1})
    await call("turn", "say_replies", "c1", "7", [said("Vas {posicion}.º", "assistant", provenance={})])
    assert [text for _, text, _ in await log(redis)] == ["Vas 1.º"]
    assert await conv(redis, "resumed") == [None]


async def test_cancelled_ticket_is_closed(call: Call, redis: Redis) -> None:
    await current(redis)
    await call("turn", "cancel_ticket", "7")
    assert await of_ticket(redis, "outcome") == ["returned"]
    assert [kind for kind, *_ in await log(redis)] == ["ticket_cancelled"]


@pytest.mark.parametrize(
    ("change", "outcome", "callback"),
    [({"revoke": True}, "revoked", None), ({"call_back": 9000}, "replaced", "7"), ({}, None, "5")],
)
async def test_callback_is_replaced_or_revoked(
    call: Call, redis: Redis, change: dict[str, Any], outcome: str | None, callback: str | None
) -> None:
    await current(redis, "waiting", state="waiting")
    await ticket(redis, "5", state="callback")
    await redis.hset(keys.conversation_key("c1"), "callback", "5")
    await call("turn", "change_callback", "c1", "7", change)
    assert await redis.hget(keys.ticket_key("5"), "outcome") == outcome
    assert await conv(redis, "callback") == [callback]


async def test_event_of_a_turn_may_have_a_secret(call: Call, redis: Redis) -> None:
    await conversation(redis)
    await call("turn", "append_turn_event", "c1", {"kind": "callback", "data": "{}", "secret": "sealed"})
    [(_, event)] = await redis.xrange(keys.EVENTS)
    assert (event["kind"], event["secret"]) == ("callback", "sealed")
    assert await log(redis) == [("callback", "", {})]


@pytest.mark.parametrize(
    ("change", "form"),
    [
        ({}, "old"),
        ({"form": "new"}, "new"),
        ({"form": ""}, None),
        ({"cancel_ticket": True}, None),
        ({"raise": "emergency"}, None),
    ],
)
async def test_form_is_kept_replaced_or_removed(
    call: Call, redis: Redis, change: dict[str, Any], form: str | None
) -> None:
    await conversation(redis, form="old")
    await call("turn", "change_form", "c1", change)
    assert await conv(redis, "form") == [form]


@pytest.mark.parametrize(("turns", "left"), [(2, ["patente", "1"]), (1, [None, None]), (None, [None, None])])
async def test_staff_context_is_forgotten_after_some_turns(
    call: Call, redis: Redis, turns: int | None, left: list[str | None]
) -> None:
    await conversation(redis, **({"resumed": "patente", "resumed_for": turns} if turns else {}))
    await call("turn", "count_resumed_turn", "c1")
    assert await conv(redis, "resumed", "resumed_for") == left


async def test_fields_change_only_when_named(call: Call, redis: Redis) -> None:
    names = ("buttons", "welcomed", "wrote_spanish", "noticed_at")
    await conversation(redis, buttons="[]", welcomed=0)
    await call("turn", "change_fields", "c1", {})
    assert await conv(redis, *names) == ["[]", "0", None, None]
    await call(
        "turn", "change_fields", "c1", {"buttons": {"es": "[1]"}, "welcomed": True, "wrote_spanish": 0, "noticed_at": 5}
    )
    assert await conv(redis, *names) == ["[1]", "1", "0", "5"]


async def test_rating_is_a_score_and_then_a_comment(call: Call, redis: Redis) -> None:
    await current(redis, outcome="solved")
    for rating in ({"score": 4, "words": ""}, {"score": 0, "words": "bien"}):
        await call("turn", "keep_rating", "c1", rating | {"ticket": "7"})
    assert [(text, data["score"]) for _, text, data in await log(redis)] == [("", 4), ("bien", 4)]


@pytest.mark.parametrize(("wanted", "off"), [("off", {"c1", "c2"}), ("on", {"c2"}), (None, {"c2"})])
async def test_notices_are_switched_off_and_on(call: Call, redis: Redis, wanted: str | None, off: set[str]) -> None:
    await redis.sadd(keys.NOTICES_OFF, *({"c1", "c2"} if wanted == "on" else {"c2"}))
    await call("turn", "change_notices", "c1", wanted)
    assert await redis.smembers(keys.NOTICES_OFF) == off


@pytest.mark.parametrize(
    ("banned", "priority", "barred"),
    [(True, "normal", True), (True, "emergency", False), (False, "normal", False)],
)
async def test_only_an_emergency_opens_a_ticket_for_a_blocked_conversation(
    call: Call, redis: Redis, banned: bool, priority: str, barred: bool
) -> None:
    if banned:
        await redis.set(keys.ban_key("c1"), "{}")
    assert bool(await call("opening", "is_barred", "c1", {"priority": priority})) is barred
    assert not await call("opening", "is_barred", "c1", None)
