"""Tests lib/tickets, lib/queue and lib/opening."""

from __future__ import annotations

from typing import Any

import pytest
from redis.asyncio import Redis

from bot.store import keys
from bot.tickets.ticket import Ticket
from tests.lua.conftest import Call
from tests.lua.standing import conv, conversation, current, log, of_ticket, term_s, ticket

HANDOFF = {"reason": "asked_human", "priority": "high", "team": "obras", "candidates": "[]", "summary": "hola"}


async def test_ticket_field_is_its_value_or_false(call: Call, redis: Redis) -> None:
    await ticket(redis)
    assert [await call("tickets", "ticket_field", "7", name) for name in ("team", "owner_id")] == ["obras", False]


@pytest.mark.parametrize(
    ("state", "is_open", "is_owner"),
    [("waiting", True, False), ("claimed", True, True), ("snoozed", True, True), ("closed", False, False)],
)
async def test_ticket_owner_is_recognised(call: Call, redis: Redis, state: str, is_open: bool, is_owner: bool) -> None:
    await ticket(redis, state=state, owner_id="ana")
    assert await call("tickets", "is_open", "7") is is_open
    assert await call("tickets", "is_owner", "7", "ana") is is_owner
    assert await call("tickets", "is_owner", "7", "beto") is False


@pytest.mark.parametrize(
    ("staff", "supervises", "may"), [("ana", False, True), ("beto", False, False), ("beto", True, True)]
)
async def test_only_permitted_agents_move_a_ticket(
    call: Call, redis: Redis, staff: str, supervises: bool, may: bool
) -> None:
    await ticket(redis, state="claimed", owner_id="ana")
    assert await call("tickets", "may_move", "7", staff, supervises) is may
    assert await call("tickets", "may_move", "8", staff, supervises) is False


async def test_ticket_change_is_an_event(call: Call, redis: Redis) -> None:
    await current(redis, returned=1)
    await call("tickets", "append_ticket_event", "7", "ticket_claimed", {"why": "assigned"})
    facts = {"ticket": "7", "reason": "asked_human", "priority": "normal", "team": "obras", "opened_at": 1000}
    owner = {"state": "claimed", "owner_id": "ana", "owner_name": "Ana", "returned": True, "why": "assigned"}
    assert await log(redis) == [("ticket_claimed", "", facts | owner)]


@pytest.mark.parametrize(
    ("fields", "score"),
    [
        ({}, 3e13 + 1000),
        ({"priority": "emergency"}, 1000),
        ({"returned": 1}, 0.5e13 + 1000),
        ({"priority": "emergency", "returned": 1}, -0.5e13 + 1000),
        ({"priority": "unheard-of"}, 3e13 + 1000),
    ],
)
async def test_priority_and_time_are_the_score(call: Call, redis: Redis, fields: dict[str, Any], score: float) -> None:
    await ticket(redis, **fields)
    assert await call("queue", "queue_score", "7") == score


async def everywhere(redis: Redis) -> list[list[str]]:
    """Returns the contents of the four sets that may contain a ticket."""
    sets = [await redis.zrange(key, 0, -1) for key in (keys.queue_key("obras"), keys.SNOOZED, keys.CALLBACKS)]
    return [sets[0], list(await redis.smembers(keys.CLAIMED)), *sets[1:]]


@pytest.mark.parametrize(("state", "place"), [("waiting", 0), ("claimed", 1), ("snoozed", 2), ("callback", 3)])
async def test_ticket_is_in_exactly_the_set_of_its_state(call: Call, redis: Redis, state: str, place: int) -> None:
    await ticket(redis)
    for before in ("waiting", "claimed", "snoozed", "callback"):
        await call("queue", "set_state", "7", before, 5000)
    await call("queue", "set_state", "7", state, 5000)
    assert await everywhere(redis) == [["7"] if number == place else [] for number in range(4)]
    assert (await of_ticket(redis, "state"), await redis.smembers(keys.QUEUES)) == ([state], {"obras"})


async def test_snoozed_ticket_knows_how_long_its_snooze_lasts(call: Call, redis: Redis) -> None:
    await current(redis)
    await call("queue", "snooze_ticket", "7", 60_000)
    ends = await redis.zscore(keys.SNOOZED, "7")
    assert (await of_ticket(redis, "state", "snooze_ms"), (await log(redis))[-1][2]["until_ms"]) == (
        ["snoozed", "60000"],
        ends,
    )


async def test_removed_ticket_is_in_no_set(call: Call, redis: Redis) -> None:
    await ticket(redis)
    await redis.zadd(keys.queue_key("obras"), {"7": 1})
    await redis.sadd(keys.CLAIMED, "7")
    await redis.zadd(keys.SNOOZED, {"7": 1})
    await redis.zadd(keys.CALLBACKS, {"7": 1})
    await call("queue", "remove_from_queues", "7")
    assert await everywhere(redis) == [[], [], [], []]


async def test_unlisted_ticket_is_only_in_its_queue(call: Call, redis: Redis) -> None:
    await redis.zadd(keys.queue_key("obras"), {"7": 1})
    await redis.sadd(keys.CLAIMED, "7")
    await redis.zadd(keys.SNOOZED, {"7": 1})
    await redis.zadd(keys.CALLBACKS, {"7": 1})
    await call("queue", "unlist", "7")
    assert await everywhere(redis) == [["7"], [], [], []]


async def test_positions_count_from_one(call: Call, redis: Redis) -> None:
    await ticket(redis)
    assert await call("queue", "position", "7") is False
    await redis.zadd(keys.queue_key("obras"), {"6": 1, "7": 2})
    assert await call("queue", "position", "7") == 2


async def test_first_matching_ticket_is_found_and_missing_ones_removed(call: Call, redis: Redis) -> None:
    for name in ("7", "8"):
        await ticket(redis, name)
    await redis.zadd(keys.queue_key("obras"), {"ghost": 1, "7": 2, "8": 3})
    assert await call("damage", "first_in_queue", "obras") == ("7", 2)
    assert await call("damage", "first_in_queue", "obras", "function(t) return t == '8' end") == ("8", 3)
    assert await call("damage", "first_in_queue", "obras", "function() return false end") is False
    assert await redis.zrange(keys.queue_key("obras"), 0, -1) == ["7", "8"]


DAMAGES: list[dict[str, Any]] = [
    *({name: None} for name in ("conversation", "channel", "reason", "priority", "state", "team", "summary")),
    *({name: None} for name in ("candidates", "opened_at")),
    *({name: "of-a-later-release"} for name in ("channel", "reason", "priority", "state", "opened_at", "claimed_at")),
    *({"candidates": json} for json in ("[", "7", '["x"]', '[{"entry": "x", "question": "¿?"}]')),
    {"owner_id": "ana"},
    {},
    {"candidates": '[{"entry": "x", "question": "¿?", "confidence": 0.5}]', "owner_id": "ana", "owner_name": "Ana"},
]


@pytest.mark.parametrize("damage", DAMAGES)
async def test_scripts_call_the_tickets_readable_that_python_can_parse(
    call: Call, redis: Redis, damage: dict[str, Any]
) -> None:
    await ticket(redis, **{name: value for name, value in damage.items() if value is not None})
    for name in (name for name, value in damage.items() if value is None):
        await redis.hdel(keys.ticket_key("7"), name)
    try:
        Ticket.from_hash("7", await redis.hgetall(keys.ticket_key("7")))
        parses = True
    except (AttributeError, KeyError, TypeError, ValueError):
        parses = False
    if damage != {"candidates": "7"}:  # which Python may take for a list of no candidates
        assert await call("damage", "is_readable", "7") is parses
    assert parses is (damage in DAMAGES[-2:])
    assert await call("damage", "are_candidates", "[") is False


async def test_ticket_that_was_put_aside_is_kept_as_it_was(call: Call, redis: Redis) -> None:
    await redis.set(keys.ticket_key("7"), "no hash at all")
    await redis.zadd(keys.queue_key("obras"), {"7": 1})
    await redis.sadd(keys.CLAIMED, "7")
    await call("damage", "put_aside", "7", "obras")
    assert (await everywhere(redis), await redis.hgetall(keys.ASIDE)) == ([[], [], [], []], {"7": "0"})
    assert (await redis.get(keys.aside_key("7")), await redis.exists(keys.ticket_key("7"))) == ("no hash at all", 0)


@pytest.mark.parametrize(("handoff", "restored", "waits"), [(HANDOFF, 0, True), (HANDOFF, 1, False), (None, 0, False)])
async def test_new_ticket_waits_for_a_pending_recovery(
    call: Call, redis: Redis, handoff: object, restored: int, waits: bool
) -> None:
    if restored:
        await redis.set(keys.RESTORED, 1)
    assert bool(await call("opening", "must_wait_for_recovery", handoff)) is waits


async def test_new_ticket_waits(call: Call, redis: Redis) -> None:
    await conversation(redis, resumed="patente", resumed_summary="", resumed_for=2)
    await redis.set(keys.TICKET_SEQ, 6)
    assert await call("opening", "open_ticket", "c1", HANDOFF) == "7"
    assert await conv(redis, "ticket", "speaker", "resumed", "resumed_for") == ["7", "waiting", None, None]
    assert await of_ticket(redis, "channel", "priority", "state") == ["web", "high", "waiting"]
    assert await redis.zrange(keys.queue_key("obras"), 0, -1) == ["7"]


async def test_ticket_is_opened_unless_one_exists(call: Call, redis: Redis) -> None:
    await conversation(redis)
    assert await call("opening", "ensure_ticket", "c1", None) is False
    assert await call("opening", "ensure_ticket", "c1", HANDOFF) == ("1", True)
    assert await call("opening", "ensure_ticket", "c1", HANDOFF) == "1"


async def test_movements_of_the_queue_are_recorded(call: Call, redis: Redis) -> None:
    for name, fields in {"7": {}, "8": {"opened_at": 2000}, "9": {"priority": "emergency"}}.items():
        await ticket(redis, name, **fields)
        await call("queue", "set_state", name, "waiting")
    await call("queue", "remove_from_queues", "8")
    await call("queue", "record_move", "obras", 5, -1)
    moves = [line.split()[1:] for line in reversed(await redis.lrange(keys.moves_key("obras"), 0, -1))]
    assert moves == [["0", "1"], ["2", "-1"], ["5", "-1"]]  # who enters at the end moves nobody
    assert await term_s(redis, keys.moves_key("obras")) == keys.PACE_TTL_S


async def test_only_an_emergency_is_alarmed(call: Call, redis: Redis) -> None:
    await ticket(redis, "7", priority="emergency", alarmed='["a"]', alarm_tries=3)
    await ticket(redis, "8")
    for name in ("7", "8"):
        await call("queue", "raise_alarm", name)
    assert await redis.zrange(keys.ALARMS, 0, -1) == ["7"]
    assert await of_ticket(redis, "alarmed", "alarm_tries") == [None, None]


@pytest.mark.parametrize(
    ("is_new", "fields", "raised"),
    [
        (False, {}, False),  # nobody got it yet: it is still due
        (False, {"alarmed": '["a"]'}, True),
        (False, {"alarmed": '["a"]', "state": "claimed"}, False),
        (True, {}, False),
        (True, {"alarm_at": 9e15}, True),  # put off
        (False, {"alarm_at": 9e15}, False),
    ],
)
async def test_alarm_is_raised_again_if_somebody_got_it_or_it_was_put_off_for_a_new_danger(
    call: Call, redis: Redis, is_new: bool, fields: dict[str, Any], raised: bool
) -> None:
    await ticket(redis, priority="emergency", **fields)
    await call("queue", "raise_alarm_again", "7", is_new)
    assert await redis.zcard(keys.ALARMS) == int(raised)


async def test_use_with_an_id_counts_once_and_a_refused_one_not_at_all(call: Call, redis: Redis) -> None:
    uses = [("a", 2), ("a", 2), ("", 2), ("", 1), ("a", 1), ("", 1)]
    assert [await call("limits", "allow_use", "x", 3, 60, cost, id) for id, cost in uses] == [
        True, True, False, True, True, False
    ]  # fmt: skip
    assert 0 < await redis.ttl(keys.uses_key("x")) <= 60


async def test_sender_of_many_tickets_is_noted_as_crowded(call: Call, redis: Redis) -> None:
    await redis.hset(keys.uses_key("tickets:net"), "used", keys.TICKETS_PER_SENDER - 1)
    await redis.expire(keys.uses_key("tickets:net"), 60)
    for number in ("7", "8"):
        await ticket(redis, number)
        await call("opening", "note_sender", number, "net")
    noted = [await redis.hmget(keys.ticket_key(number), "same_sender", "crowded") for number in ("7", "8")]
    assert noted == [["7", None], ["7", "1"]]
    assert 0 < await redis.ttl(keys.uses_key("tickets:net")) <= 60
