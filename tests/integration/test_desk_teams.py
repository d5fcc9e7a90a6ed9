"""Tests agents of several teams or of a dissolved team: what they see, claim and get, at each address."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any

import pytest
import pytest_asyncio
from redis.asyncio import Redis

from bot.agency.model import Agency
from bot.core.messages import Handoff, HandoffReason
from bot.desk.auth.account_changes import StaffChange, change_staff
from bot.handoff.notices import assigned_notice, team_names
from bot.record.engine import Sessions
from bot.record.tables import Callback
from bot.tickets.ticket import Ticket
from tests.desk_world import DeskWorld, desk_world
from tests.integration.past_conversations import found, recorded

ANA = "ana@x.cl"
NOW = datetime.now(UTC)


@pytest_asyncio.fixture
async def world(redis: Redis, database: Sessions, agency: Agency) -> AsyncIterator[DeskWorld]:
    async with desk_world(redis, database, agency) as made:
        await made.hire(ANA, "Ana Soto", teams=("obras", "salud"))
        yield made


async def waits(world: DeskWorld, team: str) -> Ticket:
    return await world.wait_for_person("persona", handoff=Handoff(HandoffReason.ASKED_HUMAN, team=team))


async def past(world: DeskWorld, team: str) -> None:
    """Records a past conversation about a licence and a call-back request of the team."""
    conversation = f"c-{team}"
    await recorded(world, conversation, ("citizen", "mi licencia"), team=team)
    facts: dict[str, Any] = {"contact_kind": "mobile", "shown": "+56 9 •••• 3211", "encrypted": None}
    facts |= dict.fromkeys(("asked_at", "consented_at", "due_at"), NOW) | {"part_of_day": "any", "team": team}
    facts |= {"event_id": "9-0", "number": f"L-{team}", "ticket_id": f"t-{conversation}"}
    async with world.sessions.begin() as session:
        session.add(Callback(conversation_id=conversation, **facts))


async def test_queue_holds_tickets_of_all_their_teams_and_no_other(world: DeskWorld) -> None:
    ana = await world.sign_in(ANA)
    tickets = {team: await waits(world, team) for team in ("aseo", "salud", "obras")}
    board = (await ana.get("/desk/api/tickets")).json()
    assert [one["team"] for one in board["waiting"]] == ["salud", "obras"]
    opened = {team: (await ana.get(f"/desk/api/tickets/{one.id}")).status_code for team, one in tickets.items()}
    assert opened == {"aseo": 404, "salud": 200, "obras": 200}
    assert (await ana.post(f"/desk/api/tickets/{tickets['aseo'].id}/claim")).status_code == 409
    taken = [(await ana.post("/desk/api/next")).json()["ticket"] for _ in range(3)]
    assert [one and one["team"] for one in taken] == ["salud", "obras", None]


@pytest.mark.parametrize("how", ["claim", "next"])
async def test_citizens_read_the_team_that_they_waited_for(world: DeskWorld, how: str) -> None:
    ana, ticket = await world.sign_in(ANA), await waits(world, "salud")
    await ana.post("/desk/api/next" if how == "next" else f"/desk/api/tickets/{ticket.id}/claim")
    said = [event.text for event in await world.inbox.events(ticket.conversation) if event.kind == "message"]
    assert f"te atiende Ana Soto, de {world.agency.teams['salud']}" in said[-1]


async def test_past_conversations_and_calls_are_those_of_all_their_teams(world: DeskWorld) -> None:
    ana = await world.sign_in(ANA)
    for team in ("aseo", "salud", "obras"):
        await past(world, team)
    assert sorted(await found(ana, "licencia")) == ["c-obras", "c-salud"]
    opened = {team: (await ana.get(f"/desk/api/conversations/c-{team}")).status_code for team in ("aseo", "obras")}
    assert opened == {"aseo": 404, "obras": 200}
    pages = [(await ana.get("/desk/llamadas", params={"equipo": team})).text for team in ("", "salud", "aseo")]
    shown = [{team for team in ("aseo", "salud", "obras") if f"L-{team}" in page} for page in pages]
    assert shown == [{"salud", "obras"}, {"salud"}, {"salud", "obras"}]
    assert [f'value="{team}"' in pages[0] for team in ("obras", "salud", "aseo")] == [True, True, False]


async def test_personal_capacity_limits_auto_assignment_and_defaults_to_the_agencys(world: DeskWorld) -> None:
    async def capacity() -> Any:
        await ana.post("/desk/api/heartbeat")
        return [one["capacity"] for one in (await ana.get("/desk/api/agents")).json()["agents"]]

    ana = await world.sign_in(ANA)
    assert await capacity() == [world.agency.desk.capacity]
    await change_staff(world.sessions, ANA, StaffChange(capacity=1))
    assert await capacity() == [1]
    for _ in range(2):
        await waits(world, "obras")
    notice, names = assigned_notice(world.agency), team_names(world.agency)
    given = [await world.tickets.auto_assign(notice, names) for _ in range(2)]
    assert [bool(one) for one in given] == [True, False]
    assert (await ana.post("/desk/api/next")).json()["ticket"] is not None


async def test_agent_of_a_dissolved_team_serves_the_default_team_and_sees_that(world: DeskWorld) -> None:
    await world.set_teams(ANA, "disuelto")
    ana, ours = await world.sign_in(ANA), world.agency.default_team
    for team in (ours, "salud"):
        await waits(world, team)
    for team in ("disuelto", "aseo"):
        await past(world, team)
    assert [one["team"] for one in (await ana.get("/desk/api/tickets")).json()["waiting"]] == [ours]
    assert await found(ana, "licencia") == ["c-disuelto"]
    assert f"Atención · {world.agency.teams[ours]}</p>" in (await ana.get("/desk/cuenta")).text
    await ana.post("/desk/api/heartbeat")
    assert (await ana.get("/desk/api/agents")).json()["agents"][0]["teams"] == [world.agency.teams[ours]]
