"""Tests that the desk's JSON matches its declared types."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
import pytest_asyncio

from bot.agency.model import Agency
from bot.core.messages import Author, Button, Candidate, Channel, Handoff, HandoffReason, Provenance, Reply, Source
from bot.desk import shapes
from bot.record.engine import Sessions
from tests.desk_world import DeskWorld, desk_world

ANA = "ana@losaromos.example"
UNSURE = Handoff(
    HandoffReason.LOW_CONFIDENCE, team="atencion", candidates=(Candidate("cedula", "¿Cómo renuevo?", 0.4),)
)
ANSWER = Reply(
    "Con **hora**.",
    buttons=(Button("Sí", "/si", "b1"),),
    source=Source("Registro Civil", "https://www.registrocivil.cl"),
    provenance=Provenance("cedula", "abc123", "¿Cómo renuevo?", 0.9, "Atención", "2026-01-01"),
)


@pytest_asyncio.fixture
async def world(redis: Any, database: Sessions, agency: Agency) -> AsyncIterator[DeskWorld]:
    async with desk_world(redis, database, agency) as made:
        await made.hire(ANA, "Ana Soto", roles=("agent", "supervisor"))
        yield made


@pytest_asyncio.fixture
async def ana(world: DeskWorld) -> httpx.AsyncClient:
    return await world.sign_in(ANA)


async def asked(client: httpx.AsyncClient, path: str) -> Any:
    return (await client.get(f"/desk/api{path}")).raise_for_status().json()


async def changed(client: httpx.AsyncClient, path: str, body: dict[str, Any] | None = None) -> Any:
    return (await client.post(f"/desk/api{path}", json=body or {})).raise_for_status().json()


async def test_page_facts_match_their_type(ana: httpx.AsyncClient) -> None:
    page = (await ana.get("/desk")).text
    facts = page.split('id="facts">')[1].split("</script>")[0]
    shapes.PageFacts.model_validate(json.loads(facts))


async def test_list_and_conversation_match_their_types(world: DeskWorld, ana: httpx.AsyncClient) -> None:
    mine = await world.wait_for_person("hola", handoff=UNSURE, replies=(ANSWER,), idioma="ht")
    await world.wait_for_person("¿y?", channel=Channel.WHATSAPP)
    claimed = shapes.TicketAnswer.model_validate(await changed(ana, f"/tickets/{mine.id}/claim"))
    assert claimed.ticket is not None and claimed.ticket.owner == shapes.Owner(name="Ana Soto", me=True)
    reply = {"reply_id": "r-0000001", "text": "hola, soy Ana"}
    shapes.EventAnswer.model_validate(await changed(ana, f"/tickets/{mine.id}/replies", reply))
    note = {"note_id": "n-0000001", "text": "ojo"}
    shapes.EventAnswer.model_validate(await changed(ana, f"/tickets/{mine.id}/notes", note))
    board = shapes.Board.model_validate(await asked(ana, "/tickets"))
    assert (len(board.mine), len(board.waiting)) == (1, 1)
    transcript = shapes.Transcript.model_validate(await asked(ana, f"/tickets/{mine.id}"))
    assert {"message", "note", "ticket_opened", "ticket_claimed"} <= {one.kind for one in transcript.events}
    answer = next(one for one in transcript.events if one.author is Author.ASSISTANT and one.provenance)
    assert answer.html and answer.source and answer.buttons == ["Sí"]


@pytest.mark.parametrize(
    ("path", "shape"),
    [
        ("/tickets/{ticket}/card", shapes.Card),
        ("/tickets/{ticket}/deliveries", shapes.Deliveries),
        ("/tickets/{ticket}/suggested", shapes.Entries),
        ("/day", shapes.Day),
        ("/agents", shapes.Agents),
        ("/questions", shapes.Questions),
        ("/canned", shapes.CannedReplies),
        ("/proposals", shapes.PendingApprovals),
        ("/entries?words=hola", shapes.Entries),
    ],
)
async def test_other_reads_match_their_types(
    world: DeskWorld, ana: httpx.AsyncClient, path: str, shape: type[shapes.Shape]
) -> None:
    ticket = await world.wait_for_person("hola")
    await changed(ana, "/heartbeat")
    shape.model_validate(await asked(ana, path.format(ticket=ticket.id)))


async def test_search_matches_its_type(world: DeskWorld, ana: httpx.AsyncClient) -> None:
    shapes.SearchAnswer.model_validate(await changed(ana, "/search", {"words": "hola"}))


async def test_presence_and_next_match_their_types(world: DeskWorld, ana: httpx.AsyncClient) -> None:
    nobody = shapes.TicketAnswer.model_validate(await changed(ana, "/next"))
    assert nobody.ticket is None
    shapes.PresenceAnswer.model_validate(await changed(ana, "/heartbeat"))
    told = shapes.PresenceAnswer.model_validate(await changed(ana, "/presence", {"presence": "busy"}))
    assert told.presence == "busy"


async def test_refusal_has_a_reason(world: DeskWorld, ana: httpx.AsyncClient) -> None:
    refused = await ana.post("/desk/api/tickets/999/snooze", json={})
    assert shapes.Refusal.model_validate(refused.json()["detail"]).error == "not_yours"


async def test_live_events_match_their_types(world: DeskWorld, ana: httpx.AsyncClient) -> None:
    """Checks each event by its type in LiveEvents."""
    told: dict[str, Any] = {}
    async with ana.stream("GET", "/desk/api/events") as stream:
        name = ""
        async for line in stream.aiter_lines():
            field, _, value = line.partition(": ")
            name = value if field == "event" else name
            if field != "data" or name == "ping":
                continue
            told[name] = json.loads(value)
            if name == "ready":
                ticket = await world.wait_for_person("hola")
                await world.signals.typing(ticket.conversation, Author.CITIZEN)
                await world.signals.read(ticket.conversation, Author.CITIZEN, "5-0")
            if {"ready", "message", "ticket", "typing", "read", "problems"} <= told.keys():
                break
    kinds = shapes.LiveEvents.model_fields
    partial = {name: kinds[name].annotation for name in told}
    for name, shape in partial.items():
        if isinstance(shape, type) and issubclass(shape, shapes.Shape):
            shape.model_validate(told[name])
    assert told["ready"] == {} and told["problems"] == []
