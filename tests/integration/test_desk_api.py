"""Tests the desk's JSON API: queue order, exclusive claims, idempotent replies, closing, audit."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest_asyncio
from sqlalchemy import select

from bot.agency.model import Agency
from bot.core.messages import Candidate, Channel, Handoff, HandoffReason, Priority, Provenance, Reply, Source, Speaker
from bot.faq.entries.problem import Problem, Severity
from bot.record.engine import Sessions
from bot.record.tables import Audit
from tests.desk_world import DeskWorld, desk_world

CANDIDATES = (Candidate("cedula", "¿Cómo renuevo mi cédula?", 0.412), Candidate("licencia", "¿Y la licencia?", 0.3))
UNSURE = Handoff(HandoffReason.LOW_CONFIDENCE, team="atencion", candidates=CANDIDATES)
REPLY_ID = "a1b2c3d4e5f6"


@pytest_asyncio.fixture
async def world(redis: Any, database: Sessions, agency: Agency) -> AsyncIterator[DeskWorld]:
    async with desk_world(redis, database, agency) as made:
        await made.hire("ana@x.cl", "Ana Soto", roles=("agent", "supervisor"), teams=("transito",))
        await made.hire("beto@x.cl", "Beto Díaz")
        yield made


@pytest_asyncio.fixture
async def ana(world: DeskWorld) -> httpx.AsyncClient:
    return await world.sign_in("ana@x.cl")


@pytest_asyncio.fixture
async def beto(world: DeskWorld) -> httpx.AsyncClient:
    return await world.sign_in("beto@x.cl")


async def board(client: httpx.AsyncClient) -> dict[str, Any]:
    answer: dict[str, Any] = (await client.get("/desk/api/tickets")).json()
    return answer


async def said(world: DeskWorld, conversation: str) -> list[tuple[str, str]]:
    return [(event.author.value, event.text) for event in await world.inbox.events(conversation)]


async def test_queue_lists_emergencies_first_with_the_reason_as_text(world: DeskWorld, ana: httpx.AsyncClient) -> None:
    await world.wait_for_person("ola nesesito renobar el carnet", handoff=UNSURE, channel=Channel.WHATSAPP)
    await world.wait_for_person("persona")
    await world.wait_for_person("hay fuego", handoff=Handoff(HandoffReason.EMERGENCY, Priority.EMERGENCY, "seguridad"))
    waiting = (await board(ana))["waiting"]
    shown = [(one["reason_words"], one["channel_words"], one["team_words"]) for one in waiting]
    assert shown == [
        ("emergencia", "Chat web", "Seguridad Pública"),
        ("no estaba segura: 41\N{NO-BREAK SPACE}%", "WhatsApp", "Atención ciudadana (OIRS)"),
        ("pidió una persona", "Chat web", "Atención ciudadana (OIRS)"),
    ]
    assert waiting[1]["candidates"][0] == {"entry": "cedula", "question": "¿Cómo renuevo mi cédula?", "percent": 41}


async def test_queue_shows_the_topic_of_each_ticket(world: DeskWorld, ana: httpx.AsyncClient) -> None:
    proof = Provenance("aseo", "abc123", "¿Cómo pago el aseo?", 0.9, "Rentas", "2026-11-01")
    answer = Reply("Se paga en Rentas.", source=Source("SII", "https://www.sii.cl"), provenance=proof)
    unlikely = Handoff(HandoffReason.LOW_CONFIDENCE, team="atencion", candidates=(Candidate("pgu", "¿Y la PGU?", 0.1),))
    await world.wait_for_person("ola nesesito renobar el carnet", handoff=UNSURE, replies=(answer,))
    await world.wait_for_person("persona", replies=(answer,))
    await world.wait_for_person("mi caso es otro", handoff=unlikely)
    about = [one["topic"] for one in (await board(ana))["waiting"]]
    assert about == ["¿Cómo renuevo mi cédula?", "¿Cómo pago el aseo?", ""]


async def test_every_reason_has_a_text(world: DeskWorld, ana: httpx.AsyncClient) -> None:
    for reason in HandoffReason:
        await world.wait_for_person("x", handoff=Handoff(reason, team="atencion"))
    words = {one["reason"]: one["reason_words"] for one in (await board(ana))["waiting"]}
    assert set(words) == {reason.value for reason in HandoffReason}
    assert all(words.values())


async def test_concurrent_claims_have_exactly_one_winner(
    world: DeskWorld, ana: httpx.AsyncClient, beto: httpx.AsyncClient
) -> None:
    for _ in range(10):
        ticket = await world.wait_for_person("persona")
        answers = await asyncio.gather(*(one.post(f"/desk/api/tickets/{ticket.id}/claim") for one in (ana, beto)))
        assert sorted(answer.status_code for answer in answers) == [200, 409]
        lost = next(answer for answer in answers if answer.status_code == 409).json()["detail"]
        won = next(answer for answer in answers if answer.status_code == 200).json()["ticket"]
        assert (lost["error"], lost["owner"]) == ("taken", won["owner"]["name"])
        assert lost["message"] == f"{won['owner']['name']} ya tomó esta conversación."
        notices = [text for _, text in await said(world, ticket.conversation) if "Ahora te atiende" in text]
        assert len(notices) == 1


async def test_claiming_moves_the_ticket_and_notifies_the_citizen(
    world: DeskWorld, ana: httpx.AsyncClient, beto: httpx.AsyncClient
) -> None:
    ticket = await world.wait_for_person("persona")
    taken = (await ana.post(f"/desk/api/tickets/{ticket.id}/claim")).json()["ticket"]
    assert taken["owner"] == {"name": "Ana Soto", "me": True}
    assert [one["id"] for one in (await board(ana))["mine"]] == [ticket.id]
    assert [one["owner"] for one in (await board(beto))["others"]] == [{"name": "Ana Soto", "me": False}]
    notice = "**Ahora te atiende Ana Soto, de Dirección de Tránsito.** Desde aquí responde una persona."
    assert (await said(world, ticket.conversation))[-1] == ("system", notice)
    assert (await ana.post(f"/desk/api/tickets/{ticket.id}/claim")).status_code == 200


async def test_reply_reaches_the_citizen_once_however_often_it_is_sent(
    world: DeskWorld, ana: httpx.AsyncClient
) -> None:
    ticket = await world.wait_for_person("persona")
    await ana.post(f"/desk/api/tickets/{ticket.id}/claim")
    body = {"reply_id": REPLY_ID, "text": "  Hola, soy Ana.\n¿Qué necesitas?  "}
    path = f"/desk/api/tickets/{ticket.id}/replies"
    answers = await asyncio.gather(*(ana.post(path, json=body) for _ in range(5)))
    assert len({answer.json()["id"] for answer in answers}) == 1
    staff = [line for line in await said(world, ticket.conversation) if line[0] == "staff"]
    assert staff == [("staff", "Hola, soy Ana.\n¿Qué necesitas?")]


async def test_invisible_marks_are_left_out_of_a_reply(world: DeskWorld, ana: httpx.AsyncClient) -> None:
    ticket = await world.wait_for_person("persona")
    await ana.post(f"/desk/api/tickets/{ticket.id}/claim")
    body = json.dumps({"reply_id": REPLY_ID, "text": "ho\x00la \ud800"})
    path, headers = f"/desk/api/tickets/{ticket.id}/replies", {"Content-Type": "application/json"}
    assert (await ana.post(path, content=body, headers=headers)).status_code == 200
    assert (await said(world, ticket.conversation))[-1] == ("staff", "hola")


async def test_only_the_owner_replies_or_closes(
    world: DeskWorld, ana: httpx.AsyncClient, beto: httpx.AsyncClient
) -> None:
    ticket = await world.wait_for_person("persona")
    path, body = f"/desk/api/tickets/{ticket.id}", {"reply_id": REPLY_ID, "text": "hola"}
    waiting = [await ana.post(f"{path}/replies", json=body), await ana.post(f"{path}/close")]
    await beto.post(f"{path}/claim")
    others = [await ana.post(f"{path}/replies", json=body), await ana.post(f"{path}/close")]
    assert [answer.status_code for answer in (*waiting, *others)] == [409] * 4
    assert others[0].json()["detail"]["message"] == "Esta conversación ya no está a tu nombre."


async def test_empty_or_overlong_reply_is_refused(world: DeskWorld, ana: httpx.AsyncClient) -> None:
    ticket = await world.wait_for_person("persona")
    await ana.post(f"/desk/api/tickets/{ticket.id}/claim")
    for text in ("", "   \n", "x" * 4001):
        answer = await ana.post(f"/desk/api/tickets/{ticket.id}/replies", json={"reply_id": REPLY_ID, "text": text})
        assert answer.status_code == 422
    huge = await ana.post(f"/desk/api/tickets/{ticket.id}/replies", json={"reply_id": REPLY_ID, "text": "x" * 100_000})
    assert huge.status_code in {413, 422}


async def test_closing_returns_the_conversation_to_the_assistant(world: DeskWorld, ana: httpx.AsyncClient) -> None:
    ticket = await world.wait_for_person("persona")
    await ana.post(f"/desk/api/tickets/{ticket.id}/claim")
    assert (await world.inbox.state(ticket.conversation)).speaker == Speaker.STAFF
    assert (await ana.post(f"/desk/api/tickets/{ticket.id}/close")).json() == {"closed": True}
    state = await world.inbox.state(ticket.conversation)
    assert (state.speaker, state.ticket) == (Speaker.ASSISTANT, None)
    assert (await said(world, ticket.conversation))[-1][1].startswith("**Ana Soto cerró la atención.**")
    assert (await board(ana))["mine"] == []
    assert (await ana.get(f"/desk/api/tickets/{ticket.id}")).status_code == 404


async def test_transcript_shows_the_source_of_each_answer(world: DeskWorld, ana: httpx.AsyncClient) -> None:
    proof = Provenance("licencia", "abc123", "¿Cómo renuevo?", 0.914, "Tránsito", "2026-11-01")
    source = Source("ChileAtiende", "https://www.chileatiende.gob.cl")
    answer = Reply("Pide **hora**.<img src=x onerror=alert(1)>", source=source, provenance=proof)
    ticket = await world.wait_for_person("<b>licencia</b>", handoff=UNSURE, replies=(answer,))
    seen = (await ana.get(f"/desk/api/tickets/{ticket.id}")).json()["events"]
    citizen, assistant, opened = seen
    assert (citizen["text"], "html" in citizen) == ("<b>licencia</b>", False)
    assert assistant["provenance"]["percent"] == 91
    assert assistant["provenance"]["version"] == "abc123"
    assert assistant["source"] == {"title": "ChileAtiende", "url": "https://www.chileatiende.gob.cl"}
    assert "<strong>hora</strong>" in assistant["html"]
    assert "<img" not in assistant["html"]
    assert opened["reason_words"] == "no estaba segura: 41\N{NO-BREAK SPACE}%"
    later = await ana.get(f"/desk/api/tickets/{ticket.id}", params={"after": assistant["id"]})
    assert [event["id"] for event in later.json()["events"]] == [opened["id"]]


async def test_long_transcript_is_complete(world: DeskWorld, ana: httpx.AsyncClient) -> None:
    ticket = await world.wait_for_person("primera")
    for number in range(620):
        await world.say(ticket.conversation, f"mensaje {number}")
    seen = (await ana.get(f"/desk/api/tickets/{ticket.id}")).json()["events"]
    assert len([event for event in seen if event["author"] == "citizen"]) == 621


async def test_unknown_tickets_are_404_and_cannot_be_claimed(world: DeskWorld, ana: httpx.AsyncClient) -> None:
    assert (await ana.get("/desk/api/tickets/999")).status_code == 404
    taken = await ana.post("/desk/api/tickets/999/claim")
    assert (taken.status_code, taken.json()["detail"]["error"]) == (409, "ended")
    for nonsense in ("x", "-1", "9" * 30, "1-2-3"):
        assert (await ana.get("/desk/api/tickets/999", params={"after": nonsense})).status_code == 422


async def test_event_ids_have_digits_that_redis_reads(world: DeskWorld, ana: httpx.AsyncClient) -> None:
    ticket = await world.wait_for_person("hola")
    where = f"/desk/api/tickets/{ticket.id}"
    assert (await ana.get(where, params={"after": "1-1"})).status_code == 200
    assert [(await ana.get(where, params={"after": odd})).status_code for odd in ("١", "1-٢", "(1")] == [422] * 3
    assert (await ana.post(f"{where}/read", json={"event_id": "١-٢"})).status_code == 422


async def test_unanswered_messages_are_counted(world: DeskWorld, ana: httpx.AsyncClient) -> None:
    ticket = await world.wait_for_person("persona")
    await ana.post(f"/desk/api/tickets/{ticket.id}/claim")
    await ana.post(f"/desk/api/tickets/{ticket.id}/replies", json={"reply_id": REPLY_ID, "text": "Hola"})
    (mine,) = (await board(ana))["mine"]
    assert (mine["unanswered"], mine["last"]["author"]) == (0, "staff")
    await world.say(ticket.conversation, "gracias")
    await world.say(ticket.conversation, "y otra cosa")
    (mine,) = (await board(ana))["mine"]
    assert (mine["unanswered"], mine["last"]["text"]) == (2, "y otra cosa")


async def test_viewing_claiming_replying_and_closing_are_audited(world: DeskWorld, ana: httpx.AsyncClient) -> None:
    ticket = await world.wait_for_person("palabras privadas")
    path = f"/desk/api/tickets/{ticket.id}"
    await ana.get(path)
    await ana.post(f"{path}/claim")
    await ana.post(f"{path}/replies", json={"reply_id": REPLY_ID, "text": "respuesta privada"})
    await ana.post(f"{path}/close")
    async with world.sessions() as session:
        rows = list(await session.scalars(select(Audit).where(Audit.subject == ticket.id).order_by(Audit.id)))
    done = ["transcript_viewed", "ticket_claimed", "ticket_replied", "ticket_closed"]
    assert [row.action for row in rows] == done
    assert "privad" not in json.dumps([row.detail for row in rows])


async def test_broken_faq_files_are_listed_without_warnings(world: DeskWorld, ana: httpx.AsyncClient) -> None:
    broken = Problem("transito/x.md", 7, "fuente", "Falta la fuente.", "Agrégala.")
    world.faq.problems = (broken, Problem("a.md", 1, "", "Es larga.", "Acórtala.", Severity.ADVICE))
    assert (await board(ana))["problems"] == [
        {"file": "transito/x.md", "line": 7, "field": "fuente", "message": "Falta la fuente.", "fix": "Agrégala."}
    ]
