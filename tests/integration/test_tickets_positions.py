"""Tests that waiting citizens get their queue position when it changes, and only then."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest
import pytest_asyncio
from redis.exceptions import ResponseError

from bot.agency.model import Agency
from bot.conversation.live import Live
from bot.core.events import Event, EventKind
from bot.core.messages import Priority
from bot.core.signal_facts import PlaceSignal
from bot.handoff.agent import Agent
from bot.store import keys
from bot.store.commands import ask_all
from bot.tickets import positions as module
from bot.tickets.positions import QueuePositions
from tests.eventually import eventually
from tests.integration.queue_world import World

PATIENCE_S = 20
ANA = Agent("ana", "Ana")
PAGES = ("c1", "c2")  # conversations with an open page


@dataclass
class SentPositions:
    """Records the positions sent to this process's pages, by conversation, newest last, and what desks get."""

    positions: dict[str, list[tuple[int, int]]] = field(default_factory=dict)
    at_the_desk: set[EventKind] = field(default_factory=set)

    def hear(self, event: Event) -> None:
        self.positions.setdefault(event.conversation, []).append((event.facts.place, event.facts.waiting))

    async def until(self, conversation: str, place: tuple[int, int]) -> None:
        await eventually(lambda: self.positions.get(conversation, [()])[-1] == place)


@pytest.fixture
def world(redis: Any, agency: Agency, monkeypatch: pytest.MonkeyPatch) -> World:
    monkeypatch.setattr(module, "SETTLE_S", 0.02)
    monkeypatch.setattr(module, "RETRY_S", 0.02)
    return World(redis, agency)


@pytest_asyncio.fixture
async def told(world: World, redis: Any) -> AsyncIterator[SentPositions]:
    made = SentPositions()
    async with following(redis, made):
        yield made


@asynccontextmanager
async def following(redis: Any, told: SentPositions) -> AsyncIterator[QueuePositions]:
    live = Live(redis)
    positions = QueuePositions(redis, live)
    await live.start()

    async def attend() -> None:
        async with live.subscribe(None, signals=True) as events:
            async for event in events:
                told.at_the_desk.add(event.kind)

    async def hear(conversation: str) -> None:
        async with live.subscribe(conversation, signals=True) as events:
            async for event in events:
                if event.kind is EventKind.PLACE:
                    told.hear(event)

    tasks = [asyncio.create_task(one) for one in (positions.run(), attend(), *map(hear, PAGES))]
    await asyncio.sleep(0.05)
    try:
        yield positions
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await live.stop()


async def test_position_counts_the_most_urgent_first_within_a_team(world: World, redis: Any) -> None:
    positions = QueuePositions(redis, Live(redis))
    first, other, urgent = (
        await world.waits(),
        await world.waits("obras"),
        await world.waits(priority=Priority.HIGH),
    )
    found = [await positions.of(one) for one in (urgent, first, other)]
    assert found == [PlaceSignal(1, 2), PlaceSignal(2, 2), PlaceSignal(1, 1)]


async def test_citizen_in_an_emergency_gets_no_position(world: World, redis: Any) -> None:
    positions = QueuePositions(redis, Live(redis))
    first, urgent = await world.waits(), await world.waits(priority=Priority.EMERGENCY)
    assert [await positions.of(one) for one in (urgent, first)] == [None, PlaceSignal(2, 2)]


async def test_citizen_who_does_not_wait_has_no_position(world: World, redis: Any) -> None:
    positions = QueuePositions(redis, Live(redis))
    (taken,) = await world.has(ANA, 1)
    assert [await positions.of(one) for one in (taken, "999999", "")] == [None] * 3


async def test_all_waiting_citizens_are_updated_when_one_joins_or_is_claimed(world: World, told: SentPositions) -> None:
    await world.waits()
    await told.until("c1", (1, 1))
    await world.waits()
    await told.until("c2", (2, 2))
    await told.until("c1", (1, 2))
    await world.queue.claim_next(ANA)
    await told.until("c2", (1, 1))


async def test_unchanged_position_is_not_sent_again(world: World, told: SentPositions) -> None:
    await world.waits()
    await told.until("c1", (1, 1))
    await world.waits("obras")
    await told.until("c2", (1, 1))
    assert told.positions["c1"] == [(1, 1)]


async def test_citizen_who_rejoins_at_the_same_position_gets_it_again(world: World, told: SentPositions) -> None:
    ticket = await world.waits()
    await world.waits()
    await told.until("c1", (1, 2))
    before = len(told.positions["c1"])
    await world.queue.claim_next(ANA)
    await told.until("c2", (1, 1))
    await world.queue.release(ticket, ANA)
    await eventually(lambda: len(told.positions["c1"]) > before)
    assert told.positions["c1"][before:] == [(1, 2)]


async def test_only_tickets_of_open_pages_are_read_and_each_once(
    world: World, told: SentPositions, monkeypatch: pytest.MonkeyPatch
) -> None:
    read: list[str] = []

    async def asked(redis: Any, ask: Any, names: Iterable[str]) -> list[Any]:
        read.extend(names := list(names))
        return await ask_all(redis, ask, names)

    monkeypatch.setattr(module, "ask_all", asked)
    for _ in PAGES:
        await world.waits()
    await told.until("c2", (2, 2))  # perhaps before the event of c2's ticket, after which that ticket is read again
    await world.waits()
    await told.until("c2", (2, 3))
    assert set(PAGES) <= set(read)
    read.clear()
    for _ in range(5):
        await world.waits()
    await told.until("c2", (2, 8))
    assert set(read) == {"atencion"}


async def test_desks_get_no_positions_which_would_fill_their_backlog(world: World, told: SentPositions) -> None:
    await world.waits()
    await told.until("c1", (1, 1))
    await world.waits()
    await told.until("c1", (1, 2))
    assert EventKind.PLACE not in told.at_the_desk
    assert EventKind.TICKET_OPENED in told.at_the_desk


async def test_unreadable_ticket_stops_no_other_position(world: World, told: SentPositions, redis: Any) -> None:
    await redis.zadd(keys.queue_key("atencion"), {"888888": 0})
    await world.waits()
    await eventually(lambda: "c1" in told.positions)
    assert "888888" not in told.positions


async def test_broken_queue_key_stops_nothing_once_it_is_repaired(
    world: World, told: SentPositions, redis: Any
) -> None:
    await redis.sadd(keys.QUEUES, "rota")
    await redis.set(keys.queue_key("rota"), "x")
    with pytest.raises(ResponseError):  # who looks at all the lines sees it; the citizen is in theirs
        await world.waits()
    await asyncio.sleep(0.2)
    assert told.positions == {}
    await redis.delete(keys.queue_key("rota"))
    await told.until("c1", (1, 1))
