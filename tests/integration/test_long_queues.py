"""Tests what is read of a long queue: what the desk's list shows of it, in the right order, and what is due of it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import pytest
from redis.asyncio import Redis
from redis.exceptions import ConnectionError as RedisConnectionError

from bot.agency.model import Agency
from bot.conversation.signals import Signals
from bot.core.messages import Priority
from bot.handoff.listing import Wanted
from bot.handoff.service import Desk
from bot.store import keys
from bot.tickets import queued as queues_module
from bot.tickets import tickets as tickets_module
from bot.tickets import watchdog as watchdog_module
from bot.tickets.queued import AT_ONCE, Queued
from bot.tickets.ticket import Ticket
from bot.tickets.watchdog import Watchdog
from tests.integration.queue_world import ANA, World
from tests.integration.sweeper_world import World as SweeperWorld
from tests.no_record import none_blocked

TEAMS = ("atencion", "obras")
WAITING = 12
SHOWN = 3


@dataclass
class Reads:
    """Counts the tickets that are read, and the scores."""

    tickets: int = 0
    scores: int = 0


@pytest.fixture
def reads(monkeypatch: pytest.MonkeyPatch) -> Reads:
    made = Reads()
    ask_all, ask_both = tickets_module.ask_all, queues_module.ask_both

    async def ask(redis: Any, command: Any, names: Iterable[str]) -> list[Any]:
        answers = await ask_all(redis, command, names)
        made.tickets += sum(isinstance(one, dict) for one in answers)
        return answers

    async def both(*given: Any, at_once: bool) -> list[tuple[Any, Any]]:
        answers = await ask_both(*given, at_once=at_once)
        made.scores += sum(len(head) for head, _ in answers)
        return answers

    monkeypatch.setattr(tickets_module, "ask_all", ask)
    monkeypatch.setattr(queues_module, "ask_both", both)
    return made


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


async def filled(world: World) -> list[Ticket]:
    """Fills the queues of two teams with all priorities, and returns the waiting tickets in the order of service.

    One had an agent, and one is an emergency that had an agent.
    """
    for number in range(WAITING):
        await world.waits(TEAMS[number % 2], list(Priority)[number % len(Priority)])
    for _ in range(2):
        taken = await world.queue.claim_next(ANA)
        assert taken
        await world.queue.release(taken.id, ANA)
    for ticket in await world.tickets.waiting():
        await world.redis.hset(keys.ticket_key(ticket.id), "channel", ("web", "whatsapp")[int(ticket.id) % 3 == 0])
    return await world.tickets.waiting()


@pytest.mark.parametrize("team", ["", *TEAMS])
@pytest.mark.parametrize("channel", ["", "whatsapp"])
async def test_list_begins_with_who_is_served_first_and_counts_the_others(
    world: World, desk: Desk, team: str, channel: str
) -> None:
    every = await filled(world)
    fitting = [one.id for one in every if one.team == (team or one.team) and one.channel == (channel or one.channel)]
    page = await desk.waiting(Wanted(team=team, channel=channel, shown=SHOWN))
    assert [one.ticket.id for one in page.first] == fitting[:SHOWN]
    assert sorted(page.behind) == sorted(fitting[SHOWN:])
    assert page.total == WAITING


async def test_reason_is_a_filter_too_and_an_unknown_team_has_no_tickets(world: World, desk: Desk) -> None:
    every = await filled(world)
    await world.redis.hset(keys.ticket_key(every[-1].id), "reason", "complaint")
    page = await desk.waiting(Wanted(reason="complaint"))
    assert ([one.ticket.id for one in page.first], page.behind) == ([every[-1].id], ())
    nothing = await desk.waiting(Wanted(team="unknown"))
    assert (nothing.first, nothing.behind, nothing.total) == ((), (), WAITING)
    assert (await desk.waiting(Wanted(teams=("obras",)))).total == WAITING / 2


@pytest.mark.parametrize("channel", ["", "web"])
async def test_list_reads_as_many_tickets_as_it_shows(world: World, desk: Desk, reads: Reads, channel: str) -> None:
    await filled(world)
    reads.tickets = reads.scores = 0
    await desk.waiting(Wanted(channel=channel, shown=SHOWN))
    assert reads.tickets == SHOWN
    assert reads.scores <= SHOWN * len(TEAMS)


async def test_queue_is_compared_with_filters_in_parts(world: World, desk: Desk) -> None:
    ticket = await world.waits()
    others = {f"9{number}": 9e13 for number in range(AT_ONCE + 1)}
    await world.redis.zadd(keys.queue_key("atencion"), others)
    facts = await world.redis.hgetall(keys.ticket_key(ticket))
    await world.redis.hset(keys.ticket_key(f"9{AT_ONCE}"), mapping=facts)
    page = await desk.waiting(Wanted(channel="web", reason="asked_human", shown=1))
    assert ([one.ticket.id for one in page.first], page.behind) == ([ticket], (f"9{AT_ONCE}",))


async def test_ticket_that_left_its_queue_meanwhile_fits_no_filter(world: World) -> None:
    stays, leaves = [await world.waits() for _ in range(2)]
    await world.redis.zrem(keys.queue_key("atencion"), leaves)
    match = world.tickets.queues._match
    found = await match(team="atencion", tickets=[stays, leaves], channel="web", reason="")
    assert found[::2] == [stays]


@pytest.mark.parametrize("limit", [1, 3, WAITING])
async def test_longest_waits_and_first_emergencies_are_among_the_first_of_each_priority(
    world: World, desk: Desk, limit: int
) -> None:
    every = [Queued(one.id, one.team, one.opened_at, one.priority == "emergency") for one in await filled(world)]
    queued = await desk.longest(ANA, limit)
    urgent, calm = ([one for one in every if one.emergency is emergency] for emergency in (True, False))
    assert [one for one in queued if one.emergency][:limit] == urgent[:limit]
    longest = sorted(calm, key=lambda one: one.opened_at)[:limit]
    assert sorted((one for one in queued if not one.emergency), key=lambda one: one.opened_at)[:limit] == longest
    assert await desk.counts(ANA) == dict.fromkeys(TEAMS, WAITING // 2)


async def test_conversations_of_a_queue_are_read_without_their_tickets(world: World, desk: Desk, reads: Reads) -> None:
    every = await filled(world)
    await world.redis.zadd(keys.queue_key("obras"), {"888888": 0})
    reads.tickets = 0
    assert await desk.waiting_conversations() == {one.conversation: {one.id: one.team} for one in every}
    assert reads.tickets == 0


@pytest.mark.parametrize(("current", "by_phone"), [TEAMS, TEAMS[::-1], ("obras", "obras")])
async def test_messages_of_a_citizen_with_a_due_callback_belong_to_the_current_ticket(
    world: World, desk: Desk, current: str, by_phone: str
) -> None:
    ticket, callback = await world.waits(current, Priority.HIGH), await world.waits(by_phone, Priority.CALLBACK)
    await world.redis.hset(keys.ticket_key(callback), mapping={"conversation": "c1", "by_phone": 1})
    shown = await desk.waiting_conversations()
    assert list(shown["c1"].items()) == [(callback, by_phone), (ticket, current)]


async def test_long_queue_is_read_in_parts(world: World, reads: Reads, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tickets_module, "READ_AT_ONCE", 5)
    tickets = [await world.waits() for _ in range(11)]
    asked = []
    ask_all = tickets_module.ask_all

    async def ask(redis: Any, command: Any, names: Iterable[str]) -> list[Any]:
        asked.append(len(names := list(names)))
        return await ask_all(redis, command, names)

    monkeypatch.setattr(tickets_module, "ask_all", ask)
    assert [one.id for one in await world.tickets.waiting()] == tickets
    assert asked == [1, 5, 5, 1]


async def test_sweep_reads_no_queue_in_which_nothing_is_due(redis: Redis, agency: Agency, reads: Reads) -> None:
    queue, sweeping = World(redis, agency), SweeperWorld(redis, agency)
    await queue.waits()
    reads.tickets = 0
    await sweeping.sweeper.sweep()  # nobody is on duty, and every team exists
    assert reads.tickets == 0
    await queue.queue.heartbeat(ANA)
    await sweeping.sweeper.announce_waits()
    assert reads.tickets == 1


async def test_unreadable_tickets_are_looked_for_in_parts(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    tickets, sizes = [await world.waits() for _ in range(5)], list[int]()
    watchdog = Watchdog(world.redis)
    look = watchdog._put_aside

    async def looking(**given: Any) -> Any:
        sizes.append(len(given["tickets"]))
        return await look(**given)

    monkeypatch.setattr(watchdog_module, "TICKETS_AT_ONCE", 2)
    monkeypatch.setattr(watchdog, "_put_aside", looking)
    await world.queue.claim_next(ANA)
    for damaged in (tickets[0], tickets[4]):
        await world.redis.hdel(keys.ticket_key(damaged), "reason")
    assert sorted(await watchdog.put_aside()) == [tickets[0], tickets[4]]
    assert (max(sizes), sum(sizes)) == (2, 5)
    assert [one.id for one in await world.tickets.waiting()] == tickets[1:4]


async def test_look_that_fails_halfway_or_is_sent_again_loses_no_unreadable_ticket(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Otherwise, nobody would restore the tickets that were put aside before the failure."""
    tickets, watchdog = [await world.waits() for _ in range(3)], Watchdog(world.redis)
    look, looks = watchdog._put_aside, list[Any]()

    async def looking(**given: Any) -> Any:
        if len(looks) == 1:
            looks.append(None)
            raise RedisConnectionError
        looks.append(await look(**given))
        return await look(**given)  # again, since the reply was lost

    monkeypatch.setattr(watchdog_module, "TICKETS_AT_ONCE", 1)
    monkeypatch.setattr(watchdog, "_put_aside", looking)
    for damaged in tickets[:2]:
        await world.redis.hdel(keys.ticket_key(damaged), "reason")
    with pytest.raises(RedisConnectionError):
        await watchdog.put_aside()
    assert sorted(await watchdog.put_aside()) == tickets[:2]
