"""Compares what is read of random queues with what reading every ticket yields, in content, count and order."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any

import pytest
from redis.asyncio import Redis

from bot.agency.model import Agency
from bot.conversation.change import Change
from bot.conversation.live import Live
from bot.conversation.signals import Signals
from bot.core.events import EventKind
from bot.core.messages import Channel, CitizenMessage, Priority, Speaker
from bot.core.signal_facts import PlaceSignal
from bot.handoff.agent import Agent
from bot.handoff.listing import Wanted
from bot.handoff.service import Desk
from bot.store import keys
from bot.tickets import positions as positions_module
from bot.tickets import queued as queues_module
from bot.tickets.positions import WITHOUT_POSITION, QueuePositions
from bot.tickets.queued import HALF_RANK, Queued
from bot.tickets.ticket import StaffRef, Ticket
from bot.tickets.tickets import Tickets
from tests.eventually import eventually
from tests.integration.queue_world import ANA, JEFA, World
from tests.no_record import none_blocked

TEAMS = ("atencion", "obras", "aseo")
CHANNELS, REASONS = ("web", "whatsapp", "telegram"), ("asked_human", "complaint")
MANY = 150
OPENED = 1_700_000_000_000
CHANGES = 15


@pytest.fixture
def world(redis: Redis, agency: Agency) -> World:
    return World(redis, agency)


@pytest.fixture
def desk(world: World) -> Desk:
    presences, signals = world.presences, Signals(world.redis)
    return Desk(
        tickets=world.tickets,
        inbox=world.inbox,
        signals=signals,
        presences=presences,
        agency=world.agency,
        blocked=none_blocked,
    )


async def fill(redis: Redis, dice: random.Random) -> None:
    """Fills the queues with MANY tickets of all ranks; some have no data, and some cannot be read."""
    times = dice.sample(range(OPENED, OPENED + 90_000_000), MANY)
    for number, opened in enumerate(times, 1):
        team, priority = dice.choice(TEAMS), dice.choice(list(Priority))
        rank = dice.choice((priority.rank, priority.rank, -0.5 if priority is Priority.EMERGENCY else 0.5))
        if priority is Priority.NORMAL and dice.random() < 0.3:
            rank = 3.5  # a sender's many tickets
        facts = {"conversation": f"c{number}", "channel": dice.choice(CHANNELS), "reason": dice.choice(REASONS)}
        facts |= {
            "priority": priority,
            "state": "waiting",
            "team": team,
            "summary": "",
            "candidates": dice.choice(("[]",) * 9 + ("[",)),
        }
        facts |= {"opened_at": str(opened)} | ({"returned": "1"} if rank in {0.5, -0.5} else {})
        facts |= {"crowded": "1"} if rank == Priority.NORMAL.rank + 0.5 else {}
        await redis.sadd(keys.QUEUES, team)
        await redis.zadd(keys.queue_key(team), {str(number): rank * 2 * HALF_RANK + opened})
        if dice.random() < 0.95:
            await redis.hset(keys.ticket_key(str(number)), mapping=facts)


async def entries(redis: Redis, teams: Sequence[str] = TEAMS) -> list[Queued]:
    """Returns every entry of the queues, in the order of service."""
    lines = [await redis.zrange(keys.queue_key(team), 0, -1, withscores=True) for team in teams]
    found = [(score, len(id), id, team) for team, line in zip(teams, lines, strict=True) for id, score in line]
    return [Queued.from_score(id, team, score) for score, _, id, team in sorted(found)]


async def page_of(redis: Redis, tickets: Tickets, wanted: Wanted) -> tuple[list[str], list[str], int]:
    """Returns a page of the list, the sorted ids of the others and the total, after reading every ticket."""
    every = await entries(redis, wanted.teams or TEAMS)
    ids = [one.ticket for one in every if one.team == (wanted.team or one.team)]
    found = await tickets.several(ids)

    def fits(ticket: Ticket) -> bool:
        return ticket.channel == (wanted.channel or ticket.channel) and ticket.reason == (
            wanted.reason or ticket.reason
        )

    if wanted.channel or wanted.reason:
        ids = [one for one in ids if one in found and fits(found[one])]
    first = [one for one in ids[: wanted.shown] if one in found]
    return first, sorted(ids[wanted.shown :]), len(every)


@pytest.mark.parametrize("seed", range(3))
async def test_list_is_as_if_every_ticket_was_read(
    world: World, desk: Desk, seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queues_module, "AT_ONCE", 7)
    dice = random.Random(seed)
    await fill(world.redis, dice)
    for _ in range(40):
        wanted = Wanted(
            dice.choice(((), TEAMS[:2], TEAMS[2:])),
            dice.choice(("", "", *TEAMS)),
            dice.choice(("", *CHANNELS)),
            dice.choice(("", *REASONS)),
            dice.choice((1, 5, 50, MANY)),
        )
        page = await desk.waiting(wanted)
        listed = [one.ticket.id for one in page.first], sorted(page.behind), page.total
        assert listed == await page_of(world.redis, world.tickets, wanted), wanted


@pytest.mark.parametrize("seed", range(3))
async def test_live_view_is_as_if_every_ticket_was_read(world: World, desk: Desk, seed: int) -> None:
    await fill(world.redis, random.Random(seed))
    for agent in (JEFA, Agent("beto", "Beto", own=TEAMS[1:])):
        every = await entries(world.redis, agent.teams or TEAMS)
        for limit in (1, 4, 20):
            queued = await desk.longest(agent, limit)
            calm, found = ([one for one in some if not one.emergency] for some in (every, queued))
            by_age = [sorted(some, key=lambda one: one.opened_at)[:limit] for some in (calm, found)]
            assert by_age[0] == by_age[1]
            emergencies = [[one for one in some if one.emergency][:limit] for some in (every, queued)]
            assert emergencies[0] == emergencies[1]
            for team in agent.teams or TEAMS:
                oldest = [min(one.opened_at for one in some if one.team == team) for some in (every, queued)]
                assert oldest[0] == oldest[1]
        counts = await desk.counts(agent)
        assert counts == {team: sum(one.team == team for one in every) for team in agent.teams or TEAMS}


async def places(redis: Redis) -> dict[str, PlaceSignal]:
    """Returns the positions of all citizens who get one, by conversation, after reading every ticket."""
    found: dict[str, PlaceSignal] = {}
    for team in await redis.smembers(keys.QUEUES):
        queue = await redis.zrange(keys.queue_key(team), 0, -1)
        for number, ticket in enumerate(queue, 1):
            conversation, priority = await redis.hmget(keys.ticket_key(ticket), ("conversation", "priority"))
            if priority not in WITHOUT_POSITION:
                found[conversation] = PlaceSignal(number, len(queue))
    return found


class Pages:
    """The newest position that each open page got, by conversation; each conversation has a page in one process."""

    def __init__(self, lives: Sequence[Live]) -> None:
        self._lives, self.newest = lives, dict[str, PlaceSignal]()

    def show(self, expected: dict[str, PlaceSignal]) -> bool:
        return all(self.newest.get(conversation) == place for conversation, place in expected.items())

    async def hear(self, conversation: str) -> None:
        live = self._lives[int(conversation[1:]) % len(self._lives)]
        async with live.subscribe(conversation, signals=True) as events:
            async for event in events:
                if event.kind is EventKind.PLACE and isinstance(event.facts, PlaceSignal):
                    self.newest[conversation] = event.facts


@asynccontextmanager
async def open_pages(redis: Redis, conversations: Sequence[str]) -> Any:
    """Opens a page of each conversation, in one of two processes."""
    lives = [Live(redis), Live(redis)]
    pages = Pages(lives)
    async with AsyncExitStack() as stack:
        for live in lives:
            await live.start()
            stack.push_async_callback(live.stop)
        runs = [QueuePositions(redis, live).run() for live in lives]
        tasks = [asyncio.create_task(one) for one in (*runs, *map(pages.hear, conversations))]
        try:
            yield pages
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)


async def change(world: World, dice: random.Random) -> None:
    """Changes a ticket as citizens, agents or the sweeper do."""
    waiting, claimed = await world.tickets.waiting(), await world.tickets.claimed()
    which = dice.randrange(7)
    if which == 0 or not waiting:
        await world.waits(dice.choice(TEAMS[:2]), dice.choice(list(Priority)))
    elif which == 1:
        await world.queue.claim_next(ANA)
    elif which == 2 and claimed:
        await world.queue.release(dice.choice(claimed).id, ANA)
    elif which == 3 and claimed:
        await world.queue.to_team(dice.choice(claimed).id, ANA, dice.choice(TEAMS[:2]))
    elif which == 4 and claimed:
        ticket = dice.choice(claimed).id
        await world.transitions.schedule_callback(ticket, StaffRef(ANA.id, ANA.name), 1)
        await world.transitions.enqueue_due_callback(ticket)
    elif which == 5:
        one = dice.choice(waiting)
        await world.transitions.change_team(one.id, one.team, dice.choice(TEAMS[:2]))
    else:
        one = dice.choice(waiting)
        message = CitizenMessage(one.conversation, Channel.WEB, f"r{dice.random()}", "ayuda", at=0)
        await world.inbox.accept(message)
        raised = Change(escalate_to=Priority.EMERGENCY) if dice.random() < 0.5 else Change(first=True)
        await world.inbox.commit([message], (), speaker=Speaker.WAITING, change=raised)


@pytest.mark.parametrize("seed", range(2))
async def test_pages_in_two_processes_show_the_positions_that_reading_every_ticket_yields(
    world: World, seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(positions_module, "SETTLE_S", 0.01)
    dice = random.Random(seed)
    for _ in range(6):
        await world.waits(dice.choice(TEAMS[:2]))
    async with open_pages(world.redis, [f"c{number}" for number in range(1, 9 + CHANGES)]) as pages:
        await world.waits(TEAMS[0])
        await world.waits(TEAMS[1])
        for _ in range(CHANGES):
            await change(world, dice)
            expected = {
                one: place
                for one, place in (await places(world.redis)).items()
                if not await world.redis.hget(keys.conversation_key(one), "callback")
            }
            await eventually(lambda expected=expected: pages.show(expected))
