"""Tests the supervisor's live view: who may see it, who is on duty with which tickets, and who waits."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
import pytest_asyncio

from bot.agency.model import Agency
from bot.core.messages import Handoff, HandoffReason, Priority
from bot.desk import shapes
from bot.desk.api.team import LONGEST
from bot.desk.pages.facts import page_texts
from bot.desk.pages.live_view import PATH
from bot.desk.queries.colleagues import Colleagues
from bot.desk.queries.team import TeamWork
from bot.record.engine import Sessions
from bot.store import keys
from tests.desk_world import DeskWorld, desk_world
from tests.integration.desk_frames import listening
from tests.recording import recording, until_recorded

FIRE = Handoff(HandoffReason.EMERGENCY, Priority.EMERGENCY, "seguridad")
RUBBISH = Handoff(HandoffReason.COMPLAINT, Priority.HIGH, "aseo")


@pytest_asyncio.fixture
async def world(redis: Any, database: Sessions, agency: Agency) -> AsyncIterator[DeskWorld]:
    async with desk_world(redis, database, agency) as made:
        await made.hire("ana@x.cl", "Ana Soto", teams=("aseo",))
        await made.hire("eva@x.cl", "Eva Ríos", roles=("supervisor",))
        yield made


async def view(client: httpx.AsyncClient) -> shapes.LiveView:
    answer = await client.get("/desk/api/team")
    return shapes.LiveView.model_validate(answer.raise_for_status().json())


async def test_view_shows_who_attends_what_and_who_waits(world: DeskWorld) -> None:
    ana, eva = await world.sign_in("ana@x.cl"), await world.sign_in("eva@x.cl")
    await ana.post("/desk/api/heartbeat")
    hers = await world.wait_for_person("no pasa el camión", handoff=RUBBISH)
    await ana.post(f"/desk/api/tickets/{hers.id}/claim")
    for words in ("otra vez el camión", "y la feria"):
        await world.wait_for_person(words, handoff=RUBBISH)
    fire = await world.wait_for_person("hay fuego", handoff=FIRE)
    seen = await view(eva)
    assert (seen.waiting, [one.id for one in seen.emergencies]) == (3, [fire.id])
    assert [one.matter for one in seen.longest][:LONGEST] == ["otra vez el camión", "y la feria"]
    (agent,) = seen.agents
    assert (agent.name, agent.load, [one.id for one in agent.tickets]) == ("Ana Soto", 1, [hers.id])
    rubbish = next(one for one in seen.teams if one.id == "aseo")
    assert (rubbish.waiting, rubbish.on_duty, rubbish.taken) == (2, 1, 0)


async def test_view_counts_the_day_from_the_record(world: DeskWorld) -> None:
    ana, eva = await world.sign_in("ana@x.cl"), await world.sign_in("eva@x.cl")
    await ana.post("/desk/api/heartbeat")
    ticket = await world.wait_for_person("no pasa el camión", handoff=RUBBISH)
    await ana.post(f"/desk/api/tickets/{ticket.id}/claim")
    await ana.post(f"/desk/api/tickets/{ticket.id}/close", json={"outcome": "solved"})
    async with recording(world.redis, world.sessions):
        await until_recorded(world.redis)
    seen = await view(eva)
    rubbish = next(one for one in seen.teams if one.id == "aseo")
    assert (rubbish.taken, rubbish.median_s is not None, seen.agents[0].closed) == (1, True, 1)


async def test_agent_without_a_connection_is_shown_while_they_have_tickets(world: DeskWorld) -> None:
    ana, eva = await world.sign_in("ana@x.cl"), await world.sign_in("eva@x.cl")
    ticket = await world.wait_for_person("no pasa el camión", handoff=RUBBISH)
    await ana.post(f"/desk/api/tickets/{ticket.id}/claim")
    me = (await ana.get("/desk/api/tickets")).json()["staff"]
    await world.redis.delete(keys.agent_key(me))
    assert [(one.name, one.presence, one.load) for one in (await view(eva)).agents] == [("Ana Soto", "gone", 1)]


@pytest.mark.parametrize("path", ["/desk/api/team", PATH])
async def test_view_is_for_supervisors(world: DeskWorld, path: str) -> None:
    ana, eva = await world.sign_in("ana@x.cl"), await world.sign_in("eva@x.cl")
    assert ((await ana.get(path)).status_code, (await eva.get(path)).status_code) == (403, 200)


async def test_others_see_who_reads_a_waiting_ticket(world: DeskWorld) -> None:
    ana, eva = await world.sign_in("ana@x.cl"), await world.sign_in("eva@x.cl")
    mine, other = (
        await world.wait_for_person("camión", handoff=RUBBISH),
        await world.wait_for_person("fuego", handoff=FIRE),
    )
    async with listening(ana) as frames:
        for ticket in (other, mine):  # Ana's team does not have the first
            assert (await eva.post(f"/desk/api/tickets/{ticket.id}/looking")).status_code == 204
        assert await frames.until("looking") == {"ticket": mine.id, "name": "Eva Ríos"}


async def test_agent_who_lost_a_ticket_gets_a_notice_and_reading_deletes_it(world: DeskWorld) -> None:
    ana, eva = await world.sign_in("ana@x.cl"), await world.sign_in("eva@x.cl")
    ticket = await world.wait_for_person("camión", handoff=RUBBISH)
    await ana.post(f"/desk/api/tickets/{ticket.id}/claim")
    async with listening(ana) as frames:
        assert await frames.until("notices") == []
        await eva.post(f"/desk/api/tickets/{ticket.id}/take-over")
        (notice,) = await frames.until("notices")
    assert shapes.StaffNotice.model_validate(notice).words.startswith("Eva Ríos tomó a ")
    assert (await ana.post(f"/desk/api/notices/{notice['id']}/read")).status_code == 204
    async with listening(ana) as frames:
        assert await frames.until("notices") == []


async def test_note_notifies_only_those_it_names_who_may_see_the_ticket(world: DeskWorld) -> None:
    await world.hire("olga@x.cl", "Olga", teams=("obras",))
    ana, eva, olga = [await world.sign_in(f"{name}@x.cl") for name in ("ana", "eva", "olga")]
    ids = [(await one.get("/desk/api/tickets")).json()["staff"] for one in (eva, olga)]
    ticket = await world.wait_for_person("camión", handoff=RUBBISH)
    path = f"/desk/api/tickets/{ticket.id}"
    offered = (await ana.get(f"{path}/colleagues")).json()["colleagues"]
    assert [one["name"] for one in offered] == ["Eva Ríos"]
    assert (await olga.get(f"{path}/colleagues")).json()["colleagues"] == []
    await ana.post(f"{path}/notes", json={"note_id": "n-0000001", "text": "ojo", "named": ids})
    told = []
    for client in (eva, olga):
        async with listening(client) as frames:
            told.append([one["text"] for one in await frames.until("notices")])
    assert told == [["ojo"], []]


async def test_colleagues_of_a_team_are_those_who_may_see_its_tickets(world: DeskWorld) -> None:
    await world.hire("ines@x.cl", "Inés", roles=("editor",))
    colleagues = Colleagues(world.sessions, world.agency)
    assert [one.name for one in await colleagues.of_team("aseo")] == ["Ana Soto", "Eva Ríos"]
    assert [one.name for one in await colleagues.of_team("obras")] == ["Eva Ríos"]


async def test_day_without_work_is_empty(world: DeskWorld) -> None:
    work = await TeamWork(world.sessions).since(datetime.now(UTC))
    assert (work.teams, work.closed) == ({}, {})


def test_texts_of_the_page_name_the_assistant(agency: Agency) -> None:
    assert agency.assistant in page_texts(agency)["asistente"]
