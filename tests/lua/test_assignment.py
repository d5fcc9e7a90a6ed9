"""Tests lib/assignment, lib/agents, lib/notes, lib/presence and lib/staff_notices."""

from __future__ import annotations

import json
from typing import Any

import pytest
from redis.asyncio import Redis

from bot.store import keys
from tests.lua.conftest import Call
from tests.lua.standing import agent, conv, conversation, current, log, of_ticket, said, term_s, ticket

ANA = {"id": "ana", "name": "Ana"}


async def test_assigned_ticket_makes_staff_the_speaker(call: Call, redis: Redis) -> None:
    await conversation(redis, ticket="7", speaker="waiting")
    await ticket(redis, returned=1)
    notice = [said("Te atiende {nombre}, de {equipo}")]
    await call("assignment", "assign_ticket", "7", ANA, notice, {"why": "assigned"}, {"obras": "Obras", "": "todos"})
    assert await of_ticket(redis, "state", "owner_id", "owner_name", "returned") == ["claimed", "ana", "Ana", None]
    assert await conv(redis, "speaker") == ["staff"]
    assert [(kind, text) for kind, text, _ in await log(redis)] == [
        ("ticket_claimed", ""),
        ("message", "Te atiende Ana, de Obras"),
    ]


async def test_calling_agent_is_not_announced(call: Call, redis: Redis) -> None:
    await conversation(redis, callback="7")
    await ticket(redis, by_phone=1)
    await call("assignment", "assign_ticket", "7", ANA, [said("Te atiende {nombre}")])
    assert await of_ticket(redis, "state", "unanswered_since") == ["claimed", None]
    assert ([kind for kind, *_ in await log(redis)], await conv(redis, "speaker")) == (
        ["ticket_claimed"],
        ["assistant"],
    )


async def test_lost_ticket_is_remembered_for_a_while(call: Call, redis: Redis) -> None:
    await call("assignment", "remember_lost", "7", "ana")
    assert await redis.smembers(keys.lost_key("ana")) == {"7"}
    assert await term_s(redis, keys.lost_key("ana")) == keys.LOST_TTL_S


@pytest.mark.parametrize(("events", "texts"), [([said("Vas {posicion}.º")], ["Vas 1.º"]), ([], [])])
async def test_position_is_sent_or_postponed(
    call: Call, redis: Redis, events: list[dict[str, str]], texts: list[str]
) -> None:
    await conversation(redis, noticed_at=5)
    await ticket(redis)
    await redis.zadd(keys.queue_key("obras"), {"7": 1})
    await call("assignment", "notify_position", "c1", "7", events)
    assert [text for _, text, _ in await log(redis)] == texts
    assert ((await conv(redis, "noticed_at"))[0] is not None) is bool(texts)


async def test_a_requeued_ticket_waits_at_the_head(call: Call, redis: Redis) -> None:
    await current(redis)
    await call("assignment", "requeue_ticket", "7", "", True, [said("Vuelves a esperar")], {"why": "silent"})
    assert await of_ticket(redis, "state", "owner_id", "returned") == ["waiting", None, "1"]
    assert await conv(redis, "speaker") == ["waiting"]
    assert [kind for kind, *_ in await log(redis)] == ["ticket_returned", "message"]
    assert await redis.smembers(keys.lost_key("ana")) == {"7"}


async def test_transferred_ticket_waits_in_the_other_teams_queue(call: Call, redis: Redis) -> None:
    await current(redis)
    await call("assignment", "requeue_ticket", "7", "aseo", False, [], {"why": "transfer"})
    assert await of_ticket(redis, "team", "returned") == ["aseo", None]
    assert await redis.zrange(keys.queue_key("aseo"), 0, -1) == ["7"]


async def test_agent_with_heartbeats_is_present(call: Call, redis: Redis) -> None:
    await agent(redis, "ana")
    assert [await call("assignment", "is_present", one) for one in ("ana", "beto")] == [True, False]


async def test_owner_owes_an_answer_since_the_first_message(call: Call, redis: Redis) -> None:
    await current(redis, unanswered_since=5)
    await call("assignment", "react_to_message", "7")
    assert await of_ticket(redis, "unanswered_since") == ["5"]


@pytest.mark.parametrize(("present", "state"), [(True, "claimed"), (False, "waiting")])
async def test_a_snoozed_ticket_wakes(call: Call, redis: Redis, present: bool, state: str) -> None:
    await current(redis, state="snoozed")
    if present:
        await agent(redis, "ana")
    await call("assignment", "react_to_message", "7")
    assert await of_ticket(redis, "state") == [state]


async def test_list_contains_its_items_only(call: Call) -> None:
    assert [await call("agents", "contains", ["en", "pt"], one) for one in ("pt", "fr")] == [True, False]


async def test_loads_count_claimed_tickets(call: Call, redis: Redis) -> None:
    await current(redis)
    assert await call("agents", "count_loads") == {"ana": 1}


@pytest.mark.parametrize(("fields", "load", "free"), [({}, 1, True), ({}, 2, False), ({"presence": "busy"}, 0, False)])
async def test_available_agent_with_room_is_free(
    call: Call, redis: Redis, fields: dict[str, Any], load: int, free: bool
) -> None:
    await agent(redis, "ana", **fields)
    found = await call("agents", "free_agent", "ana", load)
    assert (found["id"] if found else None) == ("ana" if free else None)


@pytest.mark.parametrize("name", ["vanished", "load", "given_at", "id"])
async def test_agents_are_compared_by_each_criterion(call: Call, name: str) -> None:
    same = {"vanished": 0, "load": 0, "given_at": 0, "id": 0}
    assert await call("agents", "is_before", same, same | {name: 1}) is True
    assert await call("agents", "is_before", same | {name: 1}, same) is False


async def test_least_busy_agents_come_first(call: Call, redis: Redis) -> None:
    await current(redis)
    await agent(redis, "ana")
    await agent(redis, "beto", given_at=5)
    await agent(redis, "caro", given_at=3)
    await redis.set(keys.vanished_key("caro"), 1)
    assert [one["id"] for one in await call("agents", "free_agents")] == ["beto", "ana", "caro"]


async def test_agent_without_teams_serves_all(call: Call) -> None:
    agents = [{"id": "ana", "teams": []}, {"id": "beto", "teams": ["aseo"]}, {"id": "caro", "teams": ["obras"]}]
    assert [one["id"] for one in await call("agents", "serving", agents, "obras")] == ["ana", "caro"]


@pytest.mark.parametrize(
    ("known", "lost", "best"), [("{}", "", "ana"), ('{"idioma":"pt"}', "", "beto"), ("{}", "ana", "beto")]
)
async def test_language_and_lost_tickets_decide(call: Call, redis: Redis, known: str, lost: str, best: str) -> None:
    await conversation(redis, known=known)
    await ticket(redis)
    await redis.sadd(keys.lost_key(lost), "7")
    agents = [{"id": "ana", "languages": []}, {"id": "beto", "languages": ["pt"]}]
    assert (await call("agents", "best_agent", "7", agents))["id"] == best


async def test_note_is_stored_once(call: Call, redis: Redis) -> None:
    await current(redis)
    note = {"id": "n1", "text": "ojo", "staff": "ana", "name": "Ana"}
    first, again = [await call("notes", "append_note", "7", note) for _ in range(2)]
    assert first == again
    assert await log(redis) == [("note", "ojo", {"ticket": "7", "name": "Ana", "staff": "ana"})]
    assert await call("notes", "append_note", "7", None) == ""


async def test_note_keeps_whom_it_names(call: Call, redis: Redis) -> None:
    await current(redis)
    note = {"id": "n1", "text": "ojo", "staff": "ana", "name": "Ana"}
    assert not await call("notes", "has_note", "7", note)
    await call("notes", "append_note", "7", note, ["beto"])
    assert await call("notes", "has_note", "7", note)
    assert (await log(redis))[0][2]["named"] == ["beto"]


async def test_notice_is_kept_for_the_agent_and_expires(call: Call, redis: Redis) -> None:
    await current(redis)
    await call("staff_notices", "notify_staff", "beto", "7", {"kind": "given", "by": "Ana", "text": "ojo"})
    (raw,) = await redis.hvals(keys.staff_notices_key("beto"))
    told = json.loads(raw)
    assert (told["kind"], told["by"], told["text"], told["ticket"], told["conversation"]) == (
        "given",
        "Ana",
        "ojo",
        "7",
        "c1",
    )
    assert await term_s(redis, keys.staff_notices_key("beto")) == keys.IDLE_TTL_S


@pytest.mark.parametrize(("owner", "expected"), [("beto", 1), ("ana", 0), (None, 0)])
async def test_previous_owner_gets_a_notice_unless_they_moved_the_ticket(
    call: Call, redis: Redis, owner: str | None, expected: int
) -> None:
    await current(redis)
    await call("staff_notices", "notify_loser", owner, "7", "ana", {"kind": "taken", "by": "Ana"})
    assert await redis.hlen(keys.staff_notices_key(owner or "")) == expected


@pytest.mark.parametrize(("presence", "kept"), [("busy", "busy"), ("away", "away"), ("available", None)])
async def test_presence_other_than_available_is_remembered(
    call: Call, redis: Redis, presence: str, kept: str | None
) -> None:
    await redis.set(keys.presence_key("ana"), "away")
    await call("presence", "set_presence", "ana", presence)
    assert await redis.hget(keys.agent_key("ana"), "presence") == presence
    assert await redis.get(keys.presence_key("ana")) == kept
    assert (await redis.ttl(keys.presence_key("ana")) > 0) == bool(kept)
