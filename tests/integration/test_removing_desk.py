"""Tests who may remove a message at the desk, where the removal is shown, and that refusals give the reason."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
import pytest_asyncio
from sqlalchemy import insert, select, update

import bot.core.roles
from bot.agency.model import Agency
from bot.core.messages import Author
from bot.desk.api import search
from bot.privacy.corrections import Corrections
from bot.record.engine import Sessions
from bot.record.tables import Audit, Ticket
from bot.store import keys
from tests.desk_world import DeskWorld, desk_world
from tests.recording import recording, until_recorded

ANA, BETO, SOL, PIA = "ana@x.cl", "beto@x.cl", "sol@x.cl", "pia@x.cl"
WORDS = "mi clave es xylofonito"


@pytest_asyncio.fixture
async def world(redis: Any, database: Sessions, agency: Agency, tmp_path: Path) -> AsyncIterator[DeskWorld]:
    async with desk_world(redis, database, agency, home=tmp_path) as made:
        await made.hire(ANA, "Ana Soto")
        await made.hire(BETO, "Beto Díaz")
        await made.hire(SOL, "Sol Vera", roles=("supervisor",), teams=("transito",))
        await made.hire(PIA, "Pía Ley", roles=("privacy",))
        yield made


async def attended(world: DeskWorld) -> tuple[httpx.AsyncClient, str, str, str]:
    """Returns Ana's browser, her ticket, its conversation, and the id of the citizen's message."""
    ticket = await world.wait_for_person(WORDS)
    ana = await world.sign_in(ANA)
    assert (await ana.post(f"/desk/api/tickets/{ticket.id}/claim")).status_code == 200
    events = await world.inbox.events(ticket.conversation)
    event = next(one.id for one in events if one.author is Author.CITIZEN)
    return ana, ticket.id, ticket.conversation, event


async def recorded(world: DeskWorld) -> None:
    async with recording(world.redis, world.sessions):
        await until_recorded(world.redis)


def address(ticket: str, event: str) -> str:
    return f"/desk/api/tickets/{ticket}/messages/{event}/remove"


async def test_attending_agent_removes_a_message_and_everybody_sees_the_line(world: DeskWorld) -> None:
    ana, ticket, _, event = await attended(world)
    answer = await ana.post(address(ticket, event))
    assert (answer.status_code, answer.json()) == (200, {"complaints": [], "at_once": True})
    transcript = await ana.get(f"/desk/api/tickets/{ticket}")
    assert "xylofonito" not in transcript.text
    (stub,) = [one for one in transcript.json()["events"] if one["id"] == event]
    assert (stub["text"], stub["removed_by"]) == ("", "Ana Soto")
    assert transcript.json()["events"][-1]["removes"] == event
    board = (await ana.get("/desk/api/tickets")).json()
    assert "xylofonito" not in str(board)
    async with world.sessions() as session:
        audit = await session.scalar(select(Audit).where(Audit.action == "message_removed"))
    assert audit is not None
    assert audit.detail["event"] == event


async def test_message_that_is_being_sent_is_not_shown_as_removed(world: DeskWorld) -> None:
    ana, ticket, conversation, _ = await attended(world)
    await ana.post(f"/desk/api/tickets/{ticket}/replies", json={"reply_id": "reply-01", "text": WORDS})
    event = (await world.inbox.events(conversation))[-1].id
    line = json.dumps({"id": event, "text": WORDS, "data": "{}"})
    await world.redis.lpush(keys.outbox_key(conversation), line)
    await world.redis.hset(keys.conversation_key(conversation), mapping={"out_attempt": "x", "out_begun": "1"})
    answer = await ana.post(address(ticket, event))
    assert (answer.status_code, answer.json()) == (200, {"complaints": [], "at_once": False})

    await recorded(world)
    pia = await world.sign_in_elsewhere(PIA)
    token = (await pia.get("/desk/mensajes")).text.split('name="csrf" value="')[1].split('"')[0]
    form = {"csrf": token, "numero": ticket, "mensaje": event, "seguro": "1"}
    done = await pia.post("/desk/mensajes", data=form)
    assert done.headers["location"] == f"/desk/mensajes?numero={ticket}&hecho=despues"
    assert "se elimina apenas termine" in (await pia.get(done.headers["location"])).text


async def test_other_agents_cannot_remove_a_message(world: DeskWorld) -> None:
    _, ticket, _, event = await attended(world)
    beto = await world.sign_in(BETO)
    assert (await beto.post(address(ticket, event))).json()["detail"]["error"] == "not_yours"
    assert (await beto.get("/desk/mensajes")).status_code == 403


async def test_attending_agent_removes_nothing_of_a_hidden_episode(world: DeskWorld) -> None:
    ana, ticket, conversation, event = await attended(world)
    await recorded(world)
    ended = datetime.fromtimestamp((int(event.split("-")[0]) + 1) / 1000, UTC)
    earlier = {"id": "7-1", "conversation_id": conversation, "team": "transito", "state": "closed", "candidates": []}
    earlier |= {"reason": "asked_human", "priority": "normal", "opened_at": ended, "closed_at": ended}
    async with world.sessions.begin() as session:
        await session.execute(insert(Ticket).values(**earlier, changed_at=ended))
        await session.execute(update(Ticket).where(Ticket.id == ticket).values(opened_at=ended))
    await world.redis.hset(keys.ticket_key(ticket), "opened_at", str(int(ended.timestamp() * 1000) + 1))
    await world.set_teams(ANA, "atencion")
    answer = await ana.post(address(ticket, event))
    assert (answer.status_code, answer.json()["detail"]["error"]) == (409, "not_removable")
    own = await world.inbox.events(conversation)
    assert WORDS in [one.text for one in own]


async def test_blocked_data_and_other_messages_are_refused_with_the_reason(world: DeskWorld) -> None:
    ana, ticket, conversation, event = await attended(world)
    for other in ("77-0", "no-es-un-id", event.replace("-0", "-9")):
        answer = await ana.post(address(ticket, other))
        assert (answer.status_code, "no se puede eliminar" in answer.json()["detail"]["message"]) == (409, True)
    await recorded(world)
    await Corrections(world.sessions).block(conversation)
    answer = await ana.post(address(ticket, event))
    assert (answer.status_code, "están bloqueados" in answer.json()["detail"]["message"]) == (409, True)


async def test_role_privacy_does_not_read_blocked_data(world: DeskWorld) -> None:
    _, ticket, conversation, _ = await attended(world)
    await recorded(world)
    await Corrections(world.sessions).block(conversation)
    pia = await world.sign_in_elsewhere(PIA)
    page = await pia.get("/desk/mensajes", params={"numero": ticket})
    assert (page.status_code, WORDS in page.text, "están bloqueados" in page.text) == (409, False, True)


async def test_role_privacy_removes_on_the_page_after_a_question(world: DeskWorld) -> None:
    _, ticket, conversation, event = await attended(world)
    await recorded(world)
    pia = await world.sign_in_elsewhere(PIA)
    page = await pia.get("/desk/mensajes", params={"numero": ticket})
    assert WORDS in page.text
    form = {"csrf": page.text.split('name="csrf" value="')[1].split('"')[0], "numero": ticket, "mensaje": event}
    asked = await pia.post("/desk/mensajes", data=form)
    assert "¿Eliminar este mensaje?" in asked.text
    done = await pia.post("/desk/mensajes", data=form | {"seguro": "1"})
    assert done.headers["location"] == f"/desk/mensajes?numero={ticket}&hecho=hecho"
    events = await world.inbox.events(conversation)
    assert [one.message.removed_by for one in events if one.id == event] == ["Pía Ley"]


async def test_role_that_reads_its_own_teams_only_does_not_reach_others(
    world: DeskWorld, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, ticket, _, event = await attended(world)
    table = tmp_path / "roles.yml"
    table.write_text("supervisor: {name: S, about: S, may: [desk, remove]}", encoding="utf-8")
    monkeypatch.setattr(bot.core.roles, "FILE", table)
    await recorded(world)
    sol = await world.sign_in(SOL)
    page = await sol.get("/desk/mensajes", params={"numero": ticket})
    assert (page.status_code, WORDS in page.text) == (404, False)
    form = {"csrf": sol.headers["X-CSRF-Token"], "numero": ticket, "mensaje": event, "seguro": "1"}
    assert (await sol.post("/desk/mensajes", data=form)).status_code == 409
    await world.set_teams(SOL)
    assert WORDS in (await sol.get("/desk/mensajes", params={"numero": ticket})).text


async def test_reading_a_conversation_there_is_audited(world: DeskWorld) -> None:
    _, ticket, conversation, _ = await attended(world)
    await recorded(world)
    pia = await world.sign_in_elsewhere(PIA)
    await pia.get("/desk/mensajes", params={"numero": ticket})
    async with world.sessions() as session:
        rows = list(await session.scalars(select(Audit.detail).where(Audit.action == "transcript_viewed")))
    assert {"conversation": conversation} in rows


async def test_reading_a_conversation_there_counts_as_in_the_search(
    world: DeskWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(search, "MOST_AN_HOUR", dict.fromkeys(search.Reading, 2))
    _, ticket, conversation, event = await attended(world)
    await recorded(world)
    pia = await world.sign_in_elsewhere(PIA)
    page = await pia.get("/desk/mensajes", params={"numero": ticket})
    assert page.status_code == 200
    csrf = page.text.partition('name="csrf" value="')[2].partition('"')[0]
    form = {"csrf": csrf, "numero": ticket, "mensaje": "0-0"}
    assert WORDS in (await pia.post("/desk/mensajes", data=form)).text  # no such message: the conversation again
    for page in (
        await pia.get("/desk/mensajes", params={"numero": conversation}),
        await pia.post("/desk/mensajes", data=form),
    ):
        assert (page.status_code, WORDS in page.text) == (429, False)
    assert (await pia.get("/desk/mensajes")).status_code == 200
    gone = await pia.post("/desk/mensajes", data=form | {"mensaje": event, "seguro": "1"})
    assert gone.status_code == 303
