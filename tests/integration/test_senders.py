"""Tests the queue's defence: many tickets of one network wait behind the others, and the desk marks them."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from typing import Any

import pytest_asyncio

from bot.agency.model import Agency
from bot.channels.web.chat_limits import ChatLimits
from bot.conversation.change import Change
from bot.core.messages import Channel, CitizenMessage, Handoff, HandoffReason, Priority, Reply, Speaker
from bot.record.engine import Sessions
from bot.store import keys
from bot.tickets.queued import Queued
from bot.tickets.ticket import Ticket
from tests.desk_world import DeskWorld, desk_world

ANA = "ana@losaromos.example"
EMERGENCY = Handoff(HandoffReason.EMERGENCY, Priority.EMERGENCY, "atencion")
COMPLAINT = Handoff(HandoffReason.COMPLAINT, Priority.HIGH, "atencion")


@pytest_asyncio.fixture
async def world(redis: Any, database: Sessions, agency: Agency) -> AsyncIterator[DeskWorld]:
    async with desk_world(redis, database, agency) as made:
        await redis.set(keys.RESTORED, "1")
        await made.hire(ANA, "Ana Soto")
        yield made


async def wait(world: DeskWorld, number: int, address: str, handoff: Handoff = COMPLAINT) -> Ticket:
    """Makes a citizen of the web chat at ``address`` wait for a person; returns the ticket."""
    name = f"{number:032x}"
    message = CitizenMessage(name, Channel.WEB, "m1", "quiero reclamar", at=0)
    await world.inbox.accept(message, sender=ChatLimits(world.inbox, "s" * 40).sender(address))
    done = await world.inbox.commit(
        [message], (Reply("ya"),), speaker=Speaker.ASSISTANT, change=Change(), handoff=handoff
    )
    assert done == "ok"
    return next(one for one in await world.tickets.waiting() if one.conversation == name)


async def test_many_tickets_of_one_network_wait_behind_the_others_but_for_emergencies(world: DeskWorld) -> None:
    first = [await wait(world, number, "203.0.113.40") for number in range(keys.TICKETS_PER_SENDER + 1)]
    normal = Handoff(HandoffReason.ASKED_HUMAN, team="atencion")
    other = await wait(world, 500, "198.51.100.7", normal)
    danger = await wait(world, 501, "203.0.113.40", EMERGENCY)
    order = [one.id for one in await world.tickets.waiting()]
    assert order == [danger.id, *[one.id for one in first[:-1]], other.id, first[-1].id]
    assert [one.rank for one in (danger, first[0], other, first[-1])] == [0, 1, 3, 3.5]
    queued = await world.tickets.queues.longest(["atencion"], 1)
    assert queued[0] == Queued(danger.id, "atencion", danger.opened_at, emergency=True)
    assert [one.crowded for one in (first[0], first[-1], other)] == [False, True, False]


async def test_desk_marks_tickets_of_one_network_without_showing_which(world: DeskWorld) -> None:
    for number in range(2):
        await wait(world, number, "203.0.113.40")
    await wait(world, 9, "198.51.100.7")
    ana = await world.sign_in(ANA)
    board = (await ana.get("/desk/api/tickets")).json()
    marks = [[one["words"] for one in row["known"] if one["label"] == "Mismo remitente"] for row in board["waiting"]]
    assert marks == [["2 en la fila"], ["2 en la fila"], []]
    assert "203.0.113" not in json.dumps(board)


async def test_mark_of_the_network_ends_an_hour_after_the_last_message(world: DeskWorld, redis: Any) -> None:
    """Checks that only keys that expire within an hour contain the network's HMAC, as the privacy notice promises."""
    ticket = await wait(world, 1, "203.0.113.40")
    mark = ChatLimits(world.inbox, "s" * 40).sender("203.0.113.40")
    all_keys = [key async for key in redis.scan_iter()]
    found = {key: await redis.ttl(key) for key in all_keys if mark in key + str(await content(redis, key))}
    assert sorted(found) == [keys.sender_key(ticket.conversation), keys.uses_key(f"tickets:{mark}")]
    assert all(0 < left <= 3600 for left in found.values())


async def content(redis: Any, key: str) -> Any:
    reads = {"hash": redis.hgetall, "string": redis.get, "list": lambda key: redis.lrange(key, 0, -1)}
    reads |= {"stream": redis.xrange, "set": redis.smembers, "zset": lambda key: redis.zrange(key, 0, -1)}
    return await reads[await redis.type(key)](key)
