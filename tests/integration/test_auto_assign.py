"""Tests auto-assignment: a ticket goes to the available agent of its team with room and the lowest load."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

import pytest
import pytest_asyncio
from redis.asyncio import Redis

from bot.agency.model import Agency
from bot.conversation.change import Change
from bot.core.messages import Channel, CitizenMessage, Handoff, HandoffReason, Priority, Reply, Speaker
from bot.handoff.notices import team_names
from bot.store import keys
from bot.tickets.presence import Presence, Presences, Skills
from bot.tickets.ticket import StaffRef
from bot.tickets.tickets import Tickets
from bot.tickets.transitions import Actor, Transitions, Why
from tests.no_record import mailbox_of

ANA = StaffRef("ana", "Ana")
NOTICE = Reply("Te atiende {nombre}, de {equipo}.")
NAMES = {"obras": "Obras", "aseo": "Aseo"}


@dataclass
class World:
    redis: Redis

    def __post_init__(self) -> None:
        self.inbox, self.tickets, self.presences = mailbox_of(self.redis), Tickets(self.redis), Presences(self.redis)
        self.transitions = Transitions(self.redis)

    async def waits(
        self, conversation: str, team: str = "obras", priority: Priority = Priority.NORMAL, language: str = ""
    ) -> str:
        message = CitizenMessage(conversation, Channel.WEB, "m1", "persona", at=0)
        await self.inbox.accept(message)
        handoff = Handoff(HandoffReason.ASKED_HUMAN, priority, team)
        change = Change(known={"idioma": language} if language else {})
        await self.inbox.commit([message], (), speaker=Speaker.ASSISTANT, change=change, handoff=handoff)
        return str((await self.inbox.state(conversation)).ticket)

    async def works(
        self,
        name: str,
        *teams: str,
        capacity: int = 4,
        presence: Presence | None = None,
        languages: tuple[str, ...] = (),
    ) -> None:
        await self.presences.heartbeat(name, name.title(), Skills(teams, capacity, languages), presence)

    async def vanishes(self, name: str, ticket: str) -> None:
        await self.redis.delete(keys.agent_key(name))
        assert await self.transitions.reclaim(ticket, 0, NOTICE, NOTICE) is Why.VANISHED

    async def given(self) -> list[str]:
        """Assigns until nothing can be assigned; returns the agents' ids in order."""
        order = []
        while one := await self.tickets.auto_assign(NOTICE, NAMES):
            order.append(one[1])
        return order


@pytest_asyncio.fixture
async def world(redis: Redis) -> World:
    return World(redis)


async def test_least_busy_agent_gets_the_next_ticket_within_their_capacity(world: World) -> None:
    for number in range(6):
        await world.waits(f"c{number}")
    await world.works("ana", capacity=3)
    await world.works("beto", capacity=2)
    assert await world.given() == ["ana", "beto", "ana", "beto", "ana"]
    assert len(await world.tickets.waiting()) == 1


async def test_only_an_available_agent_of_the_team_gets_the_ticket(world: World) -> None:
    await world.waits("c1", "obras")
    await world.works("ana", "aseo")
    await world.works("beto", "obras", presence=Presence.BUSY)
    assert await world.given() == []
    await world.works("carla", "obras")
    assert await world.given() == ["carla"]
    assert [event.text for event in await world.inbox.events("c1")][-1] == "Te atiende Carla, de Obras."


async def test_dissolved_team_is_shown_as_the_default_team(world: World, agency: Agency) -> None:
    await world.waits("c1", "disuelto")
    await world.works("ana")
    assert await world.tickets.auto_assign(NOTICE, team_names(agency))
    told = [event.text for event in await world.inbox.events("c1")][-1]
    assert told == f"Te atiende Ana, de {agency.teams[agency.default_team]}."


async def test_agent_who_speaks_the_citizens_language_gets_it_however_busy(world: World) -> None:
    await world.works("ana", "obras")
    await world.works("beto", languages=("en", "ht"), capacity=2)
    for number in range(3):
        await world.waits(f"c{number}", language="ht")
    assert await world.given() == ["beto", "beto", "ana"]


@pytest.mark.parametrize("language", ["", "es", "ht"])
async def test_citizen_does_not_wait_only_because_no_agent_speaks_the_language(world: World, language: str) -> None:
    await world.works("ana", languages=("en",))
    await world.works("beto", "obras", presence=Presence.AWAY, languages=("ht",))
    await world.waits("c1", language=language)
    assert await world.given() == ["ana"]


async def test_language_spoken_only_in_another_team_changes_no_team(world: World) -> None:
    await world.works("ana", "obras")
    await world.works("beto", "aseo", languages=("ht",))
    await world.waits("c1", "obras", language="ht")
    assert await world.given() == ["ana"]


async def test_agent_of_several_teams_gets_tickets_of_exactly_those(world: World) -> None:
    await world.works("ana", "obras", "salud")
    for team in ("aseo", "salud", "obras"):
        await world.waits(team, team)
    assert await world.given() == ["ana", "ana"]
    assert [one.team for one in await world.tickets.waiting()] == ["aseo"]


async def test_agent_who_vanished_with_a_ticket_comes_last(world: World) -> None:
    lost = await world.waits("c1")
    await world.works("ana")
    assert await world.given() == ["ana"]
    await world.vanishes("ana", lost)
    await world.works("ana")
    await world.works("beto", capacity=2)
    await world.waits("c2")
    await world.waits("c3")
    assert await world.given() == ["beto", "beto", "ana"]
    assert [one.owner.id for one in await world.tickets.claimed() if one.owner and one.id == lost] == ["beto"]


async def test_agent_does_not_get_the_ticket_just_lost_but_the_one_behind_it(world: World) -> None:
    lost = await world.waits("c1")
    await world.works("ana")
    assert await world.given() == ["ana"]
    await world.vanishes("ana", lost)
    await world.works("ana")
    assert await world.given() == []
    await world.waits("c2")
    assert await world.given() == ["ana"]
    assert [one.id for one in await world.tickets.waiting()] == [lost]
    taken = await world.tickets.claim_next(StaffRef("ana", "Ana"), (), NOTICE, NAMES)
    assert taken and taken.id == lost


async def test_returned_ticket_goes_to_another_agent_and_later_to_the_same_again(world: World) -> None:
    ticket, ana = await world.waits("c1"), StaffRef("ana", "Ana")
    await world.works("ana")
    assert await world.given() == ["ana"]
    await world.transitions.requeue(ticket, Actor(ana), Why.RELEASED, NOTICE)
    assert await world.given() == []
    assert 0 < await world.redis.ttl("v:lost:ana") <= keys.LOST_TTL_S
    await world.redis.delete("v:lost:ana")  # as when that time is over
    assert await world.given() == ["ana"]


async def test_agent_who_becomes_available_may_get_the_lost_ticket_again(world: World) -> None:
    lost = await world.waits("c1")
    await world.works("ana")
    assert await world.given() == ["ana"]
    await world.vanishes("ana", lost)
    await world.works("ana", presence=Presence.BUSY)
    assert await world.redis.exists("v:lost:ana", "v:vanished:ana") == 2
    await world.works("ana", presence=Presence.AVAILABLE)
    assert await world.given() == ["ana"]


async def test_emergency_is_assigned_first(world: World) -> None:
    await world.waits("c1", "aseo")
    urgent = await world.waits("c2", "obras", Priority.EMERGENCY)
    await world.works("ana", capacity=1)
    await world.given()
    assert [one.id for one in await world.tickets.claimed()] == [urgent]


async def test_concurrent_assignments_give_one_ticket_to_one_agent(world: World) -> None:
    for number in range(20):
        await world.waits(f"c{number}")
    for number in range(10):
        await world.works(f"a{number}", capacity=2)
    given = await asyncio.gather(*(world.tickets.auto_assign(NOTICE, NAMES) for _ in range(40)))
    assert len({one[0] for one in given if one}) == len([one for one in given if one]) == 20
    loads = [one.owner.id for one in await world.tickets.claimed() if one.owner]
    assert {loads.count(owner) for owner in loads} == {2}


async def test_claiming_the_next_ticket_gives_the_agents_name_and_team(world: World) -> None:
    await world.waits("c1", "aseo")
    await world.tickets.claim_next(StaffRef("ana", "Ana"), (), NOTICE, NAMES)
    assert [event.text for event in await world.inbox.events("c1")][-1] == "Te atiende Ana, de Aseo."


async def test_unreadable_heads_are_put_aside_and_the_next_good_ticket_is_given(world: World) -> None:
    bad, worse, good, last = [await world.waits(name) for name in ("c1", "c2", "c3", "c4")]
    await world.redis.hdel(keys.ticket_key(bad), "candidates")
    await world.redis.hset(keys.ticket_key(worse), "reason", "of a later release")
    await world.redis.hset(keys.conversation_key("c4"), "known", "{")
    given = await world.tickets.claim_next(StaffRef("eva", "Eva"), [], NOTICE, NAMES)
    assert given and given.id == good
    await world.works("ana", "obras")
    assert (await world.tickets.auto_assign(NOTICE, NAMES), await world.tickets.claim_next(ANA, [], NOTICE)) == (
        (last, "ana"),
        None,
    )
    assert await world.redis.hkeys(keys.ASIDE) == [bad, worse]
