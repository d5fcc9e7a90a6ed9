"""Tests the page that publishes several drafts together, or sends them to review."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import pytest_asyncio
from sqlalchemy import select

from bot.agency.model import Agency
from bot.desk.editing.editions import Editions
from bot.desk.editing.record import Editor, State
from bot.desk.editing.text import EntryText
from bot.desk.pages.entries.list_page import PATH
from bot.desk.pages.importing.drafts_page import HERE
from bot.faq.entries.folder import load_folder
from bot.record.engine import Sessions
from bot.record.tables import EntryEdition
from tests.desk_world import DeskWorld
from tests.faq_files import written
from tests.integration.entry_desk import EVA, address, editor, editors, save
from tests.integration.entry_desk import press as press_entry

FIELDS = {
    "campo-fuente": "https://www.losaromos.example/agua",
    "respuesta": "En la caja.",
    "variantes": "pagar\ndonde pago",
}
NEW = ("¿Dónde pago el agua?", "¿Quién corta el agua?")


@pytest_asyncio.fixture
async def world(
    redis: Any, database: Sessions, agency: Agency, faq_dir: Path, four_eyes: bool
) -> AsyncIterator[DeskWorld]:
    async with editors(redis, database, agency, faq_dir, four_eyes=four_eyes) as made:
        yield made


async def drafted(browser: httpx.AsyncClient, world: DeskWorld, *, complete: bool = True) -> None:
    """Writes two drafts; without ``complete``, they lack their source and their answer."""
    for question in NEW:
        form = {"csrf": browser.headers["X-CSRF-Token"], "pregunta": question, "tema": "Agua"}
        made = await browser.post(PATH, data=form)
        if complete:
            await press_entry(browser, str(made.headers["location"]), "guardar", **FIELDS)


async def post(browser: httpx.AsyncClient, shown: str, **changes: Any) -> httpx.Response:
    chosen = re.findall(r'name="borrador" value="([^"]+)" checked', shown)
    seen = re.findall(r'name="medido" value="(\w*)"', shown)
    form = {"csrf": browser.headers["X-CSRF-Token"], "borrador": chosen, "medido": seen[0] if seen else ""}
    return await browser.post(HERE, data=form | changes)


def live(faq_dir: Path) -> set[str]:
    return {one.question for one in load_folder(faq_dir, None).entries}


async def states(world: DeskWorld) -> set[str]:
    async with world.sessions() as session:
        return set((await session.scalars(select(EntryEdition.state))).all())


async def test_drafts_are_published_together_once_their_effect_was_seen(world: DeskWorld, faq_dir: Path) -> None:
    browser = await editor(world)
    await drafted(browser, world)
    assert "Publicar varios borradores (2)" in (await browser.get(PATH)).text
    measured = await post(browser, (await browser.get(HERE)).text)
    assert "Qué cambiaría en las respuestas" in measured.text and not live(faq_dir) & set(NEW)
    done = await post(browser, measured.text)
    assert str(done.headers["location"]).endswith("publicar-2-0") and live(faq_dir) >= set(NEW)


async def test_draft_that_loses_a_message_needs_a_reason(world: DeskWorld, faq_dir: Path) -> None:
    browser, page = await editor(world), await address(world)
    await save(browser, page, 0, respuesta="Así se pierde.")
    shown = (await post(browser, (await browser.get(HERE)).text)).text
    assert "se pierde una forma de preguntar" in shown
    assert (await post(browser, shown)).status_code == 200
    done = await post(browser, shown, motivo_efecto="Así lo pidió la dirección")
    assert str(done.headers["location"]).endswith("publicar-1-0")


async def test_draft_with_an_error_is_not_chosen_and_stops_the_others(world: DeskWorld, faq_dir: Path) -> None:
    browser = await editor(world)
    await drafted(browser, world, complete=False)
    shown = (await browser.get(HERE)).text
    assert shown.count('name="borrador"') == 2 and " checked" not in shown
    assert "No elegiste ninguno." in (await post(browser, shown)).text
    ids = re.findall(r'name="borrador" value="([^"]+)"', shown)
    refused = await post(browser, shown, borrador=ids)
    assert (refused.status_code, live(faq_dir) & set(NEW)) == (422, set())
    assert "Un borrador elegido todavía no se puede publicar." in refused.text


@pytest.mark.parametrize("four_eyes", [True], indirect=True)
async def test_with_four_eyes_drafts_are_sent_to_review_together(world: DeskWorld, faq_dir: Path) -> None:
    browser = await editor(world)
    await drafted(browser, world)
    done = await post(browser, (await browser.get(HERE)).text)
    assert str(done.headers["location"]).endswith("revision-2-0")
    assert (await states(world), live(faq_dir) & set(NEW)) == ({State.REVIEW.value}, set())


async def test_drafts_of_others_texts_that_expired_and_texts_with_a_note_are_not_chosen(world: DeskWorld) -> None:
    browser, page = await editor(world), await address(world)
    await save(browser, page, 0, **{"campo-vence": "2020-11-20"})
    mine = (await browser.get(HERE)).text
    assert "Esta respuesta venció el 20-11-2020" in mine and " checked" not in mine
    await save(browser, page, 1, **{"campo-vence": ""})
    assert " checked" in (await browser.get(HERE)).text
    await save(browser, page, 2, respuesta="Escríbenos por aquí, o llama (agregar teléfono)")
    noted = (await browser.get(HERE)).text
    assert "«(agregar teléfono)» parece un recado para ti" in noted and " checked" not in noted
    others = (await (await editor(world, EVA)).get(HERE)).text
    assert 'name="borrador"' in others and " checked" not in others


async def test_two_drafts_that_would_be_one_file_are_not_published_together(world: DeskWorld, faq_dir: Path) -> None:
    browser = await editor(world)
    for number, topic in enumerate(("agua", "luz")):
        text = EntryText(written("caja", NEW[number], ["pagar"]).replace("tema: calle", "tema: agua"))
        await Editions(world.sessions).create(f"{topic}/caja.md", text, Editor(None, "Ana"))
    shown = (await browser.get(HERE)).text
    ids = re.findall(r'name="borrador" value="([^"]+)"', shown)
    refused = await post(browser, shown, borrador=ids)
    assert (len(ids), refused.status_code, live(faq_dir) & set(NEW)) == (2, 422, set())
    assert "Dos de los elegidos quedarían en el mismo tema" in refused.text
