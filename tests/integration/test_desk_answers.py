"""Tests prepared answers at the desk: entries suggested or found, sent with their source; saved replies."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
import pytest_asyncio
from fastapi import FastAPI
from sqlalchemy import select

from bot.agency.model import Agency
from bot.core.events import Event, EventKind
from bot.core.messages import Author, Source
from bot.desk.api.entries import last_words_of
from bot.desk.queries.canned import Canned, CannedReplies
from bot.record.engine import Sessions
from bot.record.tables import Audit
from tests.desk_faq import CANDIDATES, LICENCE, OLD, PAGE, RUBBISH
from tests.desk_world import DeskWorld, desk_world, served

REPLY_ID = "a1b2c3d4e5f6"


@pytest_asyncio.fixture
async def asked() -> list[str]:
    return []


@pytest_asyncio.fixture
async def world(redis: Any, database: Sessions, agency: Agency, asked: list[str]) -> AsyncIterator[DeskWorld]:
    actions = FastAPI()

    @actions.post("/candidates")
    async def candidates(body: dict[str, str]) -> dict[str, Any]:
        asked.append(body["text"])
        return {"candidates": CANDIDATES, "offer": 0.26}

    async with served(actions) as url, desk_world(redis, database, agency, actions_url=url) as made:
        made.faq.entries = (RUBBISH, LICENCE, OLD)
        await made.hire("ana@x.cl", "Ana Soto", teams=("atencion",))
        await made.hire("eva@x.cl", "Eva Ríos", roles=("supervisor",))
        yield made


@pytest_asyncio.fixture
async def ana(world: DeskWorld) -> httpx.AsyncClient:
    return await world.sign_in("ana@x.cl")


async def test_likeliest_entries_for_the_citizens_last_messages_are_suggested(
    world: DeskWorld, ana: httpx.AsyncClient, asked: list[str]
) -> None:
    ticket = await world.wait_for_person("ola nesesito renobar el carnet")
    (entry,) = (await ana.get(f"/desk/api/tickets/{ticket.id}/suggested")).json()["entries"]
    assert asked == ["ola nesesito renobar el carnet"]
    assert (entry["id"], entry["percent"], entry["version"]) == ("licencia-renovacion", 83, "abc123abc123")
    assert "<strong>hora</strong>" in entry["html"]
    assert entry["text"].endswith("• Licencia anterior\n\nhttps://www.chileatiende.gob.cl/licencia")


async def test_without_the_action_server_there_are_no_suggestions_and_no_error(
    redis: Any, database: Sessions, agency: Agency
) -> None:
    async with desk_world(redis, database, agency, actions_url="http://127.0.0.1:9") as world:
        await world.hire("ana@x.cl", "Ana")
        ana, ticket = await world.sign_in("ana@x.cl"), await world.wait_for_person("hola")
        answer = await ana.get(f"/desk/api/tickets/{ticket.id}/suggested")
        assert (answer.status_code, answer.json()) == (200, {"entries": []})


def said(*lines: tuple[str, str]) -> list[Event]:
    return [Event(f"{n}-0", "c", EventKind.MESSAGE, Author(author), text) for n, (author, text) in enumerate(lines, 1)]


@pytest.mark.parametrize(
    ("lines", "words"),
    [
        ((("citizen", "hola"), ("citizen", "mi licencia venció")), "hola\nmi licencia venció"),
        (
            (
                ("citizen", "otra cosa antes"),
                ("citizen", "cómo renuevo mi licencia"),
            ),
            "cómo renuevo mi licencia",
        ),
        ((("citizen", "y la basura"), ("assistant", "No sé."), ("system", "En la fila.")), "y la basura"),
        ((("citizen", "vieja"), ("assistant", "Sí."), ("citizen", "¿y hoy?")), "¿y hoy?"),
        ((("citizen", "hola"), ("staff", "Dime")), ""),
    ],
)
def test_last_messages_are_the_unanswered_ones(lines: tuple[tuple[str, str], ...], words: str) -> None:
    assert last_words_of(said(*lines)) == words


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("licencia", ["licencia-renovacion"]),
        ("RENUEVO lice", ["licencia-renovacion"]),
        ("carnet manejar", ["licencia-renovacion"]),
        ("camión", ["basura"]),
        ("hora", ["basura", "licencia-renovacion"]),
        ("pasaporte", []),
    ],
)
async def test_entries_are_found_by_words_without_the_expired_ones(
    ana: httpx.AsyncClient, words: str, found: list[str]
) -> None:
    answer = await ana.get("/desk/api/entries", params={"words": words})
    assert [entry["id"] for entry in answer.json()["entries"]] == found


async def test_entry_is_sent_in_the_agents_name_with_its_source_and_provenance(
    world: DeskWorld, ana: httpx.AsyncClient
) -> None:
    ticket = await world.wait_for_person("licencia")
    await ana.post(f"/desk/api/tickets/{ticket.id}/claim")
    path, body = f"/desk/api/tickets/{ticket.id}", {"reply_id": REPLY_ID, "entry": LICENCE.version}
    assert (await ana.post(f"{path}/replies", json=body)).status_code == 200
    sent = (await world.inbox.events(ticket.conversation))[-1]
    assert (sent.author, sent.text, sent.message.name) == (Author.STAFF, LICENCE.body, "Ana Soto")
    assert sent.message.source == Source(PAGE.title, PAGE.url)
    proof = sent.message.provenance
    assert proof is not None
    assert (proof.entry, proof.version) == (LICENCE.id, LICENCE.version)
    shown = (await ana.get(path)).json()["events"][-1]
    assert "<strong>hora</strong>" in shown["html"]
    assert shown["source"]["url"] == PAGE.url


async def test_unpublished_entry_is_not_sent(world: DeskWorld, ana: httpx.AsyncClient) -> None:
    ticket = await world.wait_for_person("licencia")
    await ana.post(f"/desk/api/tickets/{ticket.id}/claim")
    for version in (OLD.version, "ffffffffffff"):
        body = {"reply_id": REPLY_ID, "entry": version}
        answer = await ana.post(f"/desk/api/tickets/{ticket.id}/replies", json=body)
        assert (answer.status_code, answer.json()["detail"]["error"]) == (409, "entry_gone")


async def page_form(client: httpx.AsyncClient) -> dict[str, str]:
    page = await client.get("/desk/guardadas")
    return {"csrf": re.search(r'name="csrf" value="([^"]+)"', page.text)[1]}  # type: ignore[index]


async def test_reply_that_is_saved_many_times_at_once_is_one_reply(database: Sessions) -> None:
    replies = [Canned("saludo", "", f"Hola {number}.") for number in range(10)]
    await asyncio.gather(*(CannedReplies(database).keep(one) for one in replies))
    assert [one.shortcut for one in await CannedReplies(database).all()] == ["saludo"]


async def test_supervisors_write_saved_replies_for_agents(world: DeskWorld, ana: httpx.AsyncClient) -> None:
    eva = await world.sign_in("eva@x.cl")
    form = await page_form(eva) | {"id": "0", "atajo": "/saludo", "equipo": "", "texto": "Hola, soy {agente}.\r\n¿Sí?"}
    assert (await eva.post("/desk/guardadas", data=form)).status_code == 303
    same = form | {"texto": "Buenas, soy {agente}."}
    assert (await eva.post("/desk/guardadas", data=same)).status_code == 303
    saved = (await ana.get("/desk/api/canned")).json()["canned"]
    assert saved == [{"shortcut": "saludo", "text": "Buenas, soy {agente}.", "team": ""}]
    row = re.search(r'name="id" value="([1-9]\d*)"', (await eva.get("/desk/guardadas")).text)[1]  # type: ignore[index]
    asked = await eva.post("/desk/guardadas", data=form | {"id": row, "borrar": "1"})
    assert (asked.status_code, "¿Borrar /saludo?" in asked.text) == (200, True)
    assert (await eva.post("/desk/guardadas", data=form | {"id": row, "borrar": "1", "seguro": "1"})).status_code == 303
    assert (await ana.get("/desk/api/canned")).json()["canned"] == []
    async with world.sessions() as session:
        done = list(await session.scalars(select(Audit.subject).where(Audit.action == "canned_changed")))
    assert done == ["saludo"] * 3


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"atajo": "con espacio"}, "El atajo lleva"),
        ({"texto": "  "}, "La respuesta lleva entre 1"),
        ({"equipo": "nadie"}, "Ese equipo no existe"),
    ],
)
async def test_invalid_saved_reply_is_refused_with_a_reason(
    world: DeskWorld, wrong: dict[str, str], message: str
) -> None:
    eva = await world.sign_in("eva@x.cl")
    form = await page_form(eva) | {"id": "0", "atajo": "saludo", "equipo": "", "texto": "Hola"} | wrong
    answer = await eva.post("/desk/guardadas", data=form)
    assert (answer.status_code, message in answer.text) == (422, True)


async def test_agents_may_use_saved_replies_but_not_change_them(world: DeskWorld, ana: httpx.AsyncClient) -> None:
    token = ana.headers["X-CSRF-Token"]
    form = {"csrf": token, "id": "0", "atajo": "saludo", "equipo": "", "texto": "Hola"}
    assert (await ana.post("/desk/guardadas", data=form)).status_code == 403
    assert (await ana.get("/desk/guardadas")).status_code == 403
    assert (await ana.get("/desk/api/canned")).json() == {"canned": []}


async def test_deleted_reply_is_audited_by_its_own_name_whatever_the_form_says(world: DeskWorld) -> None:
    eva, replies = await world.sign_in("eva@x.cl"), CannedReplies(world.sessions)
    await replies.keep(Canned("mia", "", "Hola"))
    (saved,) = [one for one in await replies.all() if one.shortcut == "mia"]
    sure = await page_form(eva) | {"id": str(saved.id), "borrar": "1", "seguro": "1"}
    for shortcut in ("otra-cosa", "\x00"):
        assert (await eva.post("/desk/guardadas", data=sure | {"atajo": shortcut})).status_code == 303
    async with world.sessions() as session:
        rows = list(await session.scalars(select(Audit.subject).where(Audit.action == "canned_changed")))
    assert rows == ["mia", "mia"]
