"""Tests the page of test messages: each with its answer today; lines added, changed and removed."""

from __future__ import annotations

import json
import re
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import httpx
import pytest
import pytest_asyncio
from sqlalchemy import select

from bot.agency.model import Agency
from bot.core.network import ActionsEndpoint
from bot.desk.editing.measuring.messages import FILE, MOST_TESTS, TestMessages, Unusable, digest
from bot.desk.pages.entries.list_page import PATH as LIST
from bot.desk.pages.entries.tests_page import HERE
from bot.faq.publishing import effect
from bot.record.engine import Sessions
from bot.record.tables import Audit
from tests.desk_world import DeskWorld, served
from tests.integration.entry_desk import LEO, Assistant, address, editor, editors

HOLE, MOVIE = "se hundió la vereda de mi cuadra", "a qué hora dan la película"
QUESTION = "¿Cómo aviso de un hoyo en la calle?"
OTHERS = '{"text": "ola donde pago la patente", "faq": "licencia", "kind": "in"}\n\nno es json\n{"turns": ["a", "b"]}\n'


@pytest.fixture
def assistant() -> Assistant:
    return Assistant()


@pytest.fixture
def folder(faq_dir: Path) -> Path:
    found = faq_dir.parent / "pruebas"
    found.mkdir()
    (found / "a.jsonl").write_text(OTHERS)
    return found


@pytest_asyncio.fixture
async def world(
    redis: Any, database: Sessions, agency: Agency, faq_dir: Path, folder: Path, assistant: Assistant
) -> AsyncIterator[DeskWorld]:
    async with AsyncExitStack() as stack:
        url = await stack.enter_async_context(served(assistant.app))
        made = editors(redis, database, agency, faq_dir, four_eyes=False, actions_url=url)
        yield await stack.enter_async_context(made)


async def press(browser: httpx.AsyncClient, what: str, **fields: str) -> httpx.Response:
    return await browser.post(HERE, data={"csrf": browser.headers["X-CSRF-Token"], "que": what, **fields})


async def id_of(browser: httpx.AsyncClient, text: str) -> str:
    page = (await browser.get(HERE)).text
    found = re.search(rf'name="id" value="(\w+)">\s*<p[^>]*><label[^>]*>[^<]*</label> <input[^>]*value="{text}"', page)
    assert found, page
    return found[1]


async def test_messages_show_what_answers_them_today(world: DeskWorld, folder: Path, assistant: Assistant) -> None:
    rows = [{"text": HOLE, "faq": "bache"}, {"text": MOVIE, "faq": None}, {"text": "y la poda cuándo", "faq": "poda"}]
    (folder / FILE).write_text("".join(json.dumps(one) + "\n" for one in rows))
    assistant.answers = {HOLE: "bache", MOVIE: "", "ola donde pago la patente": "chip"}
    browser = await editor(world)
    page = (await browser.get(HERE)).text
    assert "2 de 4 llegan a donde deben" in page and f'href="{HERE}"' in (await browser.get(LIST)).text
    for told in ("No la responde ninguna, como debe", "La responde otra: ¿Cómo inscribo a mi mascota?"):
        assert told in page
    assert "Esa respuesta no existe" in page
    failing = (await browser.get(f"{HERE}?solo=fallan")).text
    assert "ola donde pago" in failing and HOLE not in failing


async def test_messages_are_added_changed_and_removed(world: DeskWorld, folder: Path) -> None:
    browser = await editor(world)
    assert (await press(browser, "agregar", texto=f"  {HOLE} ", respuesta=QUESTION)).status_code == 303
    assert (await press(browser, "agregar", texto=MOVIE, ajeno="1")).status_code == 303
    assert [json.loads(one) for one in (folder / FILE).read_text().splitlines()] == [
        {"text": HOLE, "faq": "bache"},
        {"text": MOVIE, "faq": None},
    ]
    patent = await id_of(browser, "ola donde pago la patente")
    done = await press(browser, "cambiar", id=patent, texto="ola donde saco la patente", respuesta="chip")
    assert done.headers["location"] == f"{HERE}?hecho=cambiado"
    first, *rest = (folder / "a.jsonl").read_text().split("\n")
    assert json.loads(first) == {"text": "ola donde saco la patente", "faq": "chip", "kind": "in"}
    assert rest == OTHERS.split("\n")[1:]  # the other lines as they were
    await press(browser, "quitar", id=await id_of(browser, HOLE))
    assert HOLE not in (folder / FILE).read_text()
    async with world.sessions() as session:
        changes = select(Audit.subject, Audit.detail).where(Audit.action == "tests_changed")
        audited = await session.execute(changes.order_by(Audit.id))
    old, new = digest("ola donde pago la patente"), digest("ola donde saco la patente")
    assert [tuple(row) for row in audited] == [
        ("bache", {"what": "agregado", "hash": digest(HOLE)}),
        ("", {"what": "agregado", "hash": digest(MOVIE)}),
        ("chip", {"what": "cambiado", "hash": new, "entry_before": "licencia", "hash_before": old}),
        ("bache", {"what": "quitado", "entry_before": "bache", "hash_before": digest(HOLE)}),
    ]


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"texto": "", "ajeno": "1"}, "Escribe el mensaje"),
        ({"texto": "a " * 200, "ajeno": "1"}, "Escribe el mensaje"),
        ({"texto": "llámame al 9 8765 4321 por el hoyo", "respuesta": "bache"}, "ningún teléfono"),
        ({"texto": "Ola, donde pago la patente!", "respuesta": "bache"}, "ya está entre los de prueba"),
        ({"texto": "Hay un hoyo en mi calle", "respuesta": "bache"}, "ya está escrito como forma de preguntar"),
        ({"texto": HOLE}, "Elige la respuesta que corresponde"),
        ({"texto": HOLE, "respuesta": "¿No existe?"}, "Elige la respuesta que corresponde"),
    ],
)
async def test_message_that_cannot_be_one_is_explained(
    world: DeskWorld, folder: Path, fields: dict[str, str], expected: str
) -> None:
    refused = await press(await editor(world), "agregar", **fields)
    assert (refused.status_code, expected in refused.text) == (422, True)
    assert not (folder / FILE).exists()


async def test_changed_meanwhile_full_or_unwritable_is_explained(world: DeskWorld, folder: Path, faq_dir: Path) -> None:
    browser = await editor(world)
    assert "acaba de cambiar" in (await press(browser, "quitar", id="0" * 16)).text
    assert "acaba de cambiar" in (await press(browser, "x", ajeno="1")).text
    (folder / "b.jsonl").write_text("".join(f'{{"text": "mensaje {number}", "faq": null}}\n' for number in range(299)))
    assert "Ya hay 300" in (await press(browser, "agregar", texto=HOLE, respuesta="bache")).text
    assert MOST_TESTS == effect.MOST_TESTS
    blocked = TestMessages(world.sessions, faq_dir / "calle" / "bache.md", world.faq, ActionsEndpoint(""))
    with pytest.raises(OSError):
        await blocked.add(HOLE, "bache")
    with pytest.raises(Unusable):
        await TestMessages(world.sessions, folder, world.faq, ActionsEndpoint("")).remove("x")


async def test_file_of_another_encoding_is_shown_and_changed_line_by_line(world: DeskWorld, folder: Path) -> None:
    latin = '{"text": "dónde pago el permiso", "faq": "licencia"}\n'.encode("cp1252")
    (folder / "a.jsonl").write_bytes(latin + b'{"text": "sin faq"}\n' + '{"text": "cu\u00e1ndo"}\n'.encode("utf-16-le"))
    rest = (folder / "a.jsonl").read_bytes()[len(latin) :]
    browser = await editor(world)
    assert "sin faq" in (await browser.get(HERE)).text
    assert [one.text for one in effect.agency_tests(folder, ["licencia"])] == ["dónde pago el permiso", "sin faq"]
    mine = await id_of(browser, "dónde pago el permiso")
    await press(browser, "cambiar", id=mine, texto="dónde saco el permiso", respuesta="chip")
    first, found = (folder / "a.jsonl").read_bytes().split(b"\n", 1)
    assert (json.loads(first), found) == ({"text": "dónde saco el permiso", "faq": "chip"}, rest)


async def test_without_the_action_server_the_messages_are_shown_untried(world: DeskWorld, assistant: Assistant) -> None:
    assistant.answers = None
    page = (await (await editor(world)).get(HERE)).text
    assert "No se pudieron probar ahora" in page and "ola donde pago la patente" in page
    assert "solo=fallan" not in page


async def test_refused_form_keeps_what_was_typed_where_it_was_typed(world: DeskWorld, folder: Path) -> None:
    browser = await editor(world)
    new = (await press(browser, "agregar", texto="llámame al 9 8765 4321", respuesta=QUESTION)).text
    assert 'id="x-new" name="texto" required maxlength="300" value="llámame al 9 8765 4321"' in new
    assert f'name="respuesta" list="questions" value="{QUESTION}"' in new
    one = await id_of(browser, "ola donde pago la patente")
    changed = (await press(browser, "cambiar", id=one, texto="ola donde", respuesta="¿No existe?")).text
    assert f'id="x-{one}" name="texto" required maxlength="300" value="ola donde"' in changed
    assert changed.count("<details open>") == 1
    assert 'id="x-new" name="texto" required maxlength="300" value=""' in changed


async def test_tried_words_are_kept_in_one_click(world: DeskWorld, folder: Path) -> None:
    browser, path = await editor(world), (await address(world)).replace(LIST, "/desk/api/entries")
    kept = await browser.post(f"{path}/test", json={"text": HOLE})
    assert kept.json() == {"message": "Guardado como mensaje de prueba de esta respuesta."}
    assert json.loads((folder / FILE).read_text()) == {"text": HOLE, "faq": "bache"}
    again = await browser.post(f"{path}/test", json={"text": HOLE})
    assert (again.status_code, "ya está entre los de prueba" in again.text) == (422, True)


async def test_only_editors_open_the_page_of_test_messages(world: DeskWorld) -> None:
    agent = await world.sign_in_elsewhere(LEO)
    assert [(await agent.get(HERE)).status_code, (await agent.post(HERE, data={})).status_code] == [403, 403]
