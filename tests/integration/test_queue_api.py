"""Tests the desk's queue API: next, snooze, transfer, release, notes, presence, and the citizen's notices."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
import pytest_asyncio
from redis.asyncio import Redis

import bot.core.roles
from bot.agency.model import Agency
from bot.core.messages import Handoff, HandoffReason, Priority
from bot.desk.auth.account_changes import StaffChange, change_staff
from bot.handoff.forecast import Forecasts
from bot.handoff.notices import WaitingNotices
from bot.record.engine import Sessions
from bot.store import keys
from bot.tickets.presence import Presences, Skills
from bot.tickets.ticket import StaffRef
from bot.tickets.transitions import Transitions
from bot.tickets.waits import Waits
from tests.desk_world import DeskWorld, desk_world
from tests.integration.sweeper_world import AlwaysOpen

NOTE = {"note_id": "nota-0001", "text": "Ojo: ya pagó dos veces"}


@pytest_asyncio.fixture
async def world(redis: Redis, database: Sessions, agency: Agency) -> AsyncIterator[DeskWorld]:
    async with desk_world(redis, database, agency) as made:
        await made.hire("ana@x.cl", "Ana Soto", teams=("obras",))
        await made.hire("beto@x.cl", "Beto Díaz")
        await made.hire("sara@x.cl", "Sara Paz", roles=("supervisor",))
        yield made


async def waiting(world: DeskWorld, team: str, priority: Priority = Priority.NORMAL) -> str:
    handoff = Handoff(HandoffReason.ASKED_HUMAN, priority, team)
    return (await world.wait_for_person("persona", handoff=handoff)).id


async def post(browser: httpx.AsyncClient, path: str, **body: Any) -> Any:
    answer = await browser.post(f"/desk/api{path}", json=body)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def refused(browser: httpx.AsyncClient, path: str, **body: Any) -> tuple[int, str]:
    answer = await browser.post(f"/desk/api{path}", json=body)
    return answer.status_code, answer.json()["detail"]["error"]


async def heard(world: DeskWorld, ticket: str) -> str:
    """Returns the text of the last event of the ticket's conversation."""
    found = await world.tickets.get(ticket)
    assert found is not None
    return (await world.inbox.events(found.conversation))[-1].text


async def test_next_is_the_first_of_the_agents_team_by_priority_then_wait(world: DeskWorld) -> None:
    ana = await world.sign_in("ana@x.cl")
    await waiting(world, "aseo", Priority.EMERGENCY)
    first, complaint = await waiting(world, "obras"), await waiting(world, "obras", Priority.HIGH)
    taken = [(await post(ana, "/next"))["ticket"] for _ in range(3)]
    assert [one and one["id"] for one in taken] == [complaint, first, None]
    assert "Ana Soto" in await heard(world, first)


async def test_agent_sees_their_team_and_a_supervisor_sees_all(world: DeskWorld) -> None:
    await waiting(world, "aseo")
    await waiting(world, "obras")
    for email, teams in (("ana@x.cl", ["obras"]), ("beto@x.cl", ["aseo", "obras"]), ("sara@x.cl", ["aseo", "obras"])):
        board = (await (await world.sign_in(email)).get("/desk/api/tickets")).json()
        assert sorted(one["team"] for one in board["waiting"]) == teams


async def test_citizens_message_returns_a_snoozed_ticket_to_its_owner(world: DeskWorld) -> None:
    beto, ticket = await world.sign_in("beto@x.cl"), await waiting(world, "obras")
    await post(beto, "/next")
    assert (await post(beto, f"/tickets/{ticket}/snooze"))["ticket"]["state"] == "snoozed"
    found = await world.tickets.get(ticket)
    assert found is not None
    await world.say(found.conversation, "aquí está el papel")
    board = (await beto.get("/desk/api/tickets")).json()
    assert [(one["id"], one["state"]) for one in board["mine"]] == [(ticket, "claimed")]


async def test_snooze_over_a_message_that_the_agent_did_not_see_is_refused(world: DeskWorld) -> None:
    beto, ticket = await world.sign_in("beto@x.cl"), await waiting(world, "obras")
    await post(beto, "/next")
    found = await world.tickets.get(ticket)
    assert found is not None
    await world.say(found.conversation, "¿a qué hora cierran hoy?")
    answer = await beto.post(f"/desk/api/tickets/{ticket}/snooze", json={})
    detail = answer.json()["detail"]
    assert (answer.status_code, detail["error"], "cierran" in detail["message"]) == (409, "citizen_writes", True)
    over = {"over": detail["newest"]}
    assert (await post(beto, f"/tickets/{ticket}/snooze", **over))["ticket"]["state"] == "snoozed"


async def test_snoozed_ticket_of_an_absent_agent_goes_to_the_head_of_the_queue(world: DeskWorld) -> None:
    beto, ticket = await world.sign_in("beto@x.cl"), await waiting(world, "obras")
    await post(beto, "/next")
    await post(beto, f"/tickets/{ticket}/snooze")
    await waiting(world, "obras", Priority.HIGH)
    for agent in await world.redis.smembers(keys.AGENTS):
        await world.redis.delete(keys.agent_key(agent))
    found = await world.tickets.get(ticket)
    assert found is not None
    await world.say(found.conversation, "aquí está el papel")
    assert (await world.tickets.waiting())[0].id == ticket


async def test_transfer_to_a_team_gives_the_citizen_the_position_and_staff_the_note(world: DeskWorld) -> None:
    beto, ana, ticket = await world.sign_in("beto@x.cl"), await world.sign_in("ana@x.cl"), await waiting(world, "aseo")
    await post(beto, "/next")
    await waiting(world, "obras")
    await post(beto, f"/tickets/{ticket}/move", team="obras", note=NOTE)
    assert "Dirección de Obras" in await heard(world, ticket)
    assert "lugar 1" in await heard(world, ticket)
    lines = (await ana.get(f"/desk/api/tickets/{ticket}")).json()["events"]
    assert [(one["name"], one["text"]) for one in lines if one["kind"] == "note"] == [("Beto Díaz", NOTE["text"])]


async def test_ticket_goes_only_to_an_agent_who_is_present(world: DeskWorld) -> None:
    beto, ana, ticket = await world.sign_in("beto@x.cl"), await world.sign_in("ana@x.cl"), await waiting(world, "aseo")
    await post(beto, "/next")
    ana_id = (await ana.get("/desk/api/tickets")).json()["staff"]
    assert await refused(beto, f"/tickets/{ticket}/move", staff=ana_id) == (409, "absent")
    await post(ana, "/heartbeat")
    await post(beto, f"/tickets/{ticket}/move", staff=ana_id)
    assert [one["id"] for one in (await ana.get("/desk/api/tickets")).json()["mine"]] == [ticket]
    assert "Ana Soto" in await heard(world, ticket)


async def test_only_a_supervisor_moves_anothers_ticket(world: DeskWorld) -> None:
    beto, ana, sara = [await world.sign_in(f"{name}@x.cl") for name in ("beto", "ana", "sara")]
    ticket = await waiting(world, "obras")
    await post(beto, "/next")
    assert await refused(ana, f"/tickets/{ticket}/move", team="aseo") == (409, "not_yours")
    assert await refused(ana, f"/tickets/{ticket}/snooze") == (409, "not_yours")
    assert await refused(ana, f"/tickets/{ticket}/take-over") == (403, "not_allowed")
    assert (await post(sara, f"/tickets/{ticket}/take-over"))["ticket"]["owner"]["name"] == "Sara Paz"
    assert await refused(beto, f"/tickets/{ticket}/replies", text="hola", reply_id="r-000001") == (409, "not_yours")


async def test_supervisor_of_one_team_takes_and_moves_nothing_of_another(
    world: DeskWorld, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    table = tmp_path / "roles.yml"
    rows = ("agent: {name: A, about: A, may: [desk, answer]}", "supervisor: {name: S, about: S, may: [%s]}")
    table.write_text("\n".join(rows) % "desk, answer, reassign", encoding="utf-8")
    monkeypatch.setattr(bot.core.roles, "FILE", table)
    beto, sara = await world.sign_in("beto@x.cl"), await world.sign_in("sara@x.cl")
    await world.set_teams("sara@x.cl", "aseo")
    await post(sara, "/heartbeat")
    ticket, attended = await waiting(world, "obras"), await waiting(world, "obras")
    await post(beto, f"/tickets/{attended}/claim")
    for one in (ticket, attended):
        assert await refused(sara, f"/tickets/{one}/take-over") == (409, "ended")
        for to in ({"team": "aseo"}, {"staff": (await sara.get("/desk/api/tickets")).json()["staff"]}):
            assert await refused(sara, f"/tickets/{one}/move", **to) == (409, "not_yours")
    own = await waiting(world, "aseo")
    assert (await post(sara, f"/tickets/{own}/take-over"))["ticket"]["owner"]["name"] == "Sara Paz"


async def test_end_of_a_shift_returns_everything_to_the_head(world: DeskWorld) -> None:
    beto = await world.sign_in("beto@x.cl")
    mine = [await waiting(world, "obras"), await waiting(world, "aseo")]
    for _ in mine:
        await post(beto, "/next")
    await post(beto, f"/tickets/{mine[1]}/snooze")
    done = await post(beto, "/presence", presence="away", hand_over=True)
    assert done == {"presence": "away", "handed_over": 2}
    assert sorted(one.id for one in await world.tickets.waiting()) == sorted(mine)
    assert "Beto Díaz no puede seguir" in await heard(world, mine[0])


async def test_present_agents_are_listed_with_their_load(world: DeskWorld) -> None:
    beto, sara = await world.sign_in("beto@x.cl"), await world.sign_in("sara@x.cl")
    await waiting(world, "obras")
    await post(beto, "/next")
    await post(sara, "/presence", presence="busy")
    shown = (await beto.get("/desk/api/agents")).json()
    assert [(one["name"], one["presence"], one["load"]) for one in shown["agents"]] == [
        ("Beto Díaz", "available", 1),
        ("Sara Paz", "busy", 0),
    ]
    assert {"id": "obras", "name": "Dirección de Obras Municipales"} in shown["teams"]


async def test_agents_languages_and_the_citizens_language_are_listed(world: DeskWorld) -> None:
    await change_staff(world.sessions, "beto@x.cl", StaffChange(languages=["ht"]))
    beto = await world.sign_in("beto@x.cl")
    ticket = await world.wait_for_person("mwen bezwen èd", idioma="ht")
    await beto.post("/desk/api/heartbeat")
    agents = (await beto.get("/desk/api/agents")).json()["agents"]
    assert [(one["name"], one["languages"]) for one in agents] == [("Beto Díaz", ["creole haitiano"])]
    shown = (await beto.get(f"/desk/api/tickets/{ticket.id}")).json()["ticket"]
    assert (shown["language"], shown["known"]) == (
        "creole haitiano",
        [{"label": "Escribe en", "words": "creole haitiano"}],
    )


async def test_handoff_by_language_names_the_language_of_the_citizen(world: DeskWorld) -> None:
    for language in ("ht", "es"):
        await world.wait_for_person("x", handoff=Handoff(HandoffReason.LANGUAGE, team="atencion"), idioma=language)
    board = (await (await world.sign_in("beto@x.cl")).get("/desk/api/tickets")).json()
    shown = [(one["reason_words"], one["language"]) for one in board["waiting"]]
    assert shown == [("escribe en creole haitiano", ""), ("escribe en otro idioma", "")]


async def test_repeated_note_is_stored_once(world: DeskWorld) -> None:
    sara, ticket = await world.sign_in("sara@x.cl"), await waiting(world, "obras")
    ids = {(await post(sara, f"/tickets/{ticket}/notes", **NOTE))["id"] for _ in range(2)}
    assert len(ids) == 1


async def test_queue_order_respects_priority_returned_tickets_and_due_calls(world: DeskWorld) -> None:
    normal = await waiting(world, "aseo")
    complaint = await waiting(world, "aseo", Priority.HIGH)
    called, returned = await waiting(world, "aseo"), await waiting(world, "aseo")
    emergency = await waiting(world, "aseo", Priority.EMERGENCY)
    later = await waiting(world, "aseo")
    beto = await world.sign_in("beto@x.cl")
    for ticket in (called, returned):
        await post(beto, f"/tickets/{ticket}/claim")
    await post(beto, f"/tickets/{returned}/release")
    me, transitions = (
        StaffRef((await beto.get("/desk/api/tickets")).json()["staff"], "Beto Díaz"),
        Transitions(world.redis),
    )
    await transitions.schedule_callback(called, me, due_ms=1)
    await transitions.enqueue_due_callback(called)
    board = (await beto.get("/desk/api/tickets")).json()
    assert [one["id"] for one in board["waiting"]] == [emergency, returned, complaint, called, normal, later]
    taken = [(await post(beto, "/next"))["ticket"]["id"] for _ in range(6)]
    assert taken == [emergency, returned, complaint, called, normal, later]


async def test_full_queue_counts_waiting_tickets_and_offers_a_call(world: DeskWorld) -> None:
    agency = replace(world.agency, desk=replace(world.agency.desk, full_at=None, full_at_of_team={"aseo": 2}))
    hours = AlwaysOpen(agency)
    forecasts = Forecasts(agency, hours, Waits(world.redis), Presences(world.redis))
    notices = WaitingNotices(agency, hours, world.tickets.count_waiting, forecasts)
    await Presences(world.redis).heartbeat("ana", "Ana", Skills())
    now, offered = datetime.now(UTC), []
    for _ in range(3):
        offered.append(len((await notices(Handoff(HandoffReason.ASKED_HUMAN, team="aseo"), now)).buttons))
        await waiting(world, "aseo")
    full = await notices(Handoff(HandoffReason.ASKED_HUMAN, team="aseo"), now)
    assert (offered, len(full.buttons)) == ([0, 0, 2], 2)
    assert "(3 conversaciones)" in full.text
    assert (await notices(Handoff(HandoffReason.ASKED_HUMAN, team="obras"), now)).buttons == ()
