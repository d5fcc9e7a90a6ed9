"""Tests agents' actions on tickets between claim and close, with concurrent actions of others."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from bot.agency.model import Agency
from bot.core.errors.tickets import StaffAbsent, TicketNotYours
from bot.core.event_facts import TicketState
from bot.core.messages import Priority
from bot.handoff.agent import Agent
from bot.handoff.queue import Queue
from bot.store import keys
from bot.tickets.presence import Presence
from bot.tickets.tickets import Tickets
from bot.tickets.transitions import Note
from tests.integration.queue_world import ANA, BETO, JEFA, World


@pytest.fixture
def world(redis: Any, agency: Agency) -> World:
    return World(redis, agency)


async def test_claiming_from_an_empty_queue_returns_none_and_marks_the_agent_present(world: World) -> None:
    assert await world.queue.claim_next(ANA) is None
    assert [(one.agent.name, one.load) for one in await world.queue.at_work()] == [("Ana Soto", 0)]


async def test_next_ticket_is_the_most_urgent_of_the_agents_own_teams(world: World) -> None:
    await world.waits("obras")
    urgent = await world.waits("obras", Priority.EMERGENCY)
    await world.waits("atencion", Priority.EMERGENCY)
    taken = await world.queue.claim_next(BETO)
    assert taken and taken.id == urgent


async def test_concurrent_claims_of_the_next_each_get_another_ticket(world: World) -> None:
    for _ in range(5):
        await world.waits()
    agents = [Agent(f"a{number}", f"A{number}") for number in range(8)]
    taken = await asyncio.gather(*(world.queue.claim_next(agent) for agent in agents))
    assert sorted(ticket.id for ticket in taken if ticket) == sorted(one.id for one in await world.tickets.claimed())
    assert sum(ticket is not None for ticket in taken) == 5


async def test_claimed_tickets_of_one_millisecond_are_in_the_order_of_their_numbers(world: World) -> None:
    numbers = sorted(await world.has(ANA, 12), key=int)
    for number in numbers:
        await world.redis.hset(keys.ticket_key(number), "opened_at", 1000)
    assert [one.id for one in await world.tickets.claimed()] == numbers


async def test_claimed_tickets_count_as_load(world: World) -> None:
    await world.has(ANA, 2)
    await world.queue.heartbeat(BETO)
    assert {one.agent.id: one.load for one in await world.queue.at_work()} == {"ana": 2, "beto": 0}


@pytest.mark.parametrize("step", ["snooze", "wake", "release"])
async def test_agents_cannot_move_tickets_of_others_or_missing_ones(world: World, step: str) -> None:
    (ticket,) = await world.has(ANA, 1)
    for number in (ticket, "999999"):
        with pytest.raises(TicketNotYours):
            await getattr(world.queue, step)(number, BETO)
    assert await world.owner(ticket) == "ana"


async def test_ticket_goes_only_to_an_agent_who_is_present(world: World) -> None:
    (ticket,) = await world.has(ANA, 1)
    with pytest.raises(StaffAbsent):
        await world.queue.assign(ticket, ANA, "beto")
    await world.queue.heartbeat(BETO, Presence.AWAY)
    with pytest.raises(StaffAbsent):
        await world.queue.assign(ticket, ANA, "beto")
    await world.queue.heartbeat(BETO, Presence.BUSY)
    await world.queue.assign(ticket, ANA, "beto", Note("n1234567", "sabe de esto"))
    assert await world.owner(ticket) == "beto"


async def test_only_a_supervisor_takes_over_anothers_ticket(world: World) -> None:
    (ticket,) = await world.has(ANA, 1)
    with pytest.raises(TicketNotYours):
        await world.queue.take_over(ticket, BETO)
    with pytest.raises(TicketNotYours):
        await world.queue.take_over("999999", JEFA)
    await world.queue.take_over(ticket, JEFA)
    assert await world.owner(ticket) == "jefa"


async def test_end_of_a_shift_requeues_exactly_the_agents_tickets(world: World) -> None:
    first, second = await world.has(ANA, 2)
    (theirs,) = await world.has(JEFA, 1)
    await world.queue.snooze(second, ANA)
    assert await world.queue.hand_over(ANA) == 2
    assert [await world.state(one) for one in (first, second, theirs)] == [
        TicketState.WAITING,
        TicketState.WAITING,
        TicketState.CLAIMED,
    ]
    assert await world.queue.hand_over(ANA) == 0


async def test_double_click_on_the_end_of_a_shift_counts_once(world: World) -> None:
    tickets = await world.has(ANA, 4)
    counts = await asyncio.gather(*(world.queue.hand_over(ANA) for _ in range(3)))
    assert sum(counts) == 4
    assert [await world.state(one) for one in tickets] == [TicketState.WAITING] * 4


async def test_ticket_closed_meanwhile_does_not_stop_the_others_from_being_requeued(world: World) -> None:
    tickets = await world.has(ANA, 3)
    closing = asyncio.create_task(world.tickets.close(tickets[0], ANA.ref, None))
    await asyncio.gather(closing, world.queue.hand_over(ANA), return_exceptions=True)
    assert [await world.state(one) for one in tickets[1:]] == [TicketState.WAITING] * 2


async def test_supervisors_end_of_shift_takes_no_ticket_reassigned_meanwhile(
    world: World,
) -> None:
    """Checks that only the supervisor's own tickets move at the end of the shift, although supervisors may move any."""
    (ticket,) = await world.has(JEFA, 1)
    await world.queue.heartbeat(ANA)

    class GivenMeanwhile(Tickets):
        async def snoozed(self) -> Any:
            await world.queue.assign(ticket, JEFA, "ana")
            return await super().snoozed()

    late = Queue(
        tickets=GivenMeanwhile(world.redis),
        transitions=world.transitions,
        presences=world.presences,
        agency=world.agency,
        hours=world.hours,
    )
    assert await late.hand_over(JEFA) == 0
    assert await world.owner(ticket) == "ana"


@pytest.mark.parametrize("is_closed", [False, True])
async def test_end_of_a_shift_outside_the_hours_tells_the_next_opening(world: World, is_closed: bool) -> None:
    (ticket,) = await world.has(ANA, 1)
    world.hours.is_closed = is_closed
    await world.queue.hand_over(ANA)
    assert ("la fila se empieza a ver" in await world.said(ticket)) is is_closed
    assert "lugar 1" in await world.said(ticket)


@pytest.mark.parametrize("is_closed", [False, True])
async def test_ticket_passed_to_a_closed_team_tells_the_next_opening(world: World, is_closed: bool) -> None:
    (ticket,) = await world.has(ANA, 1)
    world.hours.is_closed = is_closed
    await world.queue.to_team(ticket, ANA, "obras")
    assert ("la fila se empieza a ver" in await world.said(ticket)) is is_closed
    assert "Dirección de Obras" in await world.said(ticket)


@pytest.mark.parametrize("is_closed", [False, True])
async def test_emergency_passed_to_another_team_tells_the_numbers_and_no_place(world: World, is_closed: bool) -> None:
    ticket = await world.waits(priority=Priority.EMERGENCY)
    await world.queue.claim_next(ANA)
    world.hours.is_closed = is_closed
    await world.queue.to_team(ticket, ANA, "obras")
    told = await world.said(ticket)
    assert ("**132**" in told, "lugar" in told, "empieza a ver" in told) == (True, False, False)
    assert await world.state(ticket) is TicketState.WAITING


@pytest.mark.parametrize("team", ["", "obras"])
async def test_move_that_is_sent_again_tells_the_citizen_once(world: World, team: str) -> None:
    (ticket,), note = await world.has(ANA, 1), Note("n1234567", "sabe de esto")
    for _ in range(2):
        if team:
            await world.queue.to_team(ticket, JEFA, team, note)
        else:
            await world.queue.release(ticket, JEFA, note)
    found = await world.tickets.get(ticket)
    assert found is not None
    events = [one.kind for one in await world.inbox.events(found.conversation, staff=True)]
    assert events[-3:] == ["note", "ticket_returned", "message"]
    assert (events.count("note"), events.count("ticket_returned")) == (1, 1)


async def test_note_is_stored_once_and_not_on_a_closed_ticket(world: World) -> None:
    (number,) = await world.has(ANA, 1)
    ticket = await world.tickets.get(number)
    assert ticket
    note = Note("n1234567", "ojo ñ 🦙")
    first = await world.queue.note(ticket, ANA, note)
    assert first and await world.queue.note(ticket, BETO, note) == first
    await world.tickets.close(number, ANA.ref, None)
    assert await world.queue.note(ticket, ANA, Note("n7654321", "tarde")) == ""
