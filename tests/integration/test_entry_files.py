"""Tests that an editor without access to the disk repairs a broken file, with the known fix or by hand."""

from __future__ import annotations

import html
import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import pytest_asyncio
from sqlalchemy import select

from bot.agency.model import Agency
from bot.desk.editing.record import Editor
from bot.desk.editing.repair import DraftOpen, FileRepair
from bot.desk.editing.text import EntryText
from bot.desk.pages.entries.file_page import PATH
from bot.desk.pages.entries.list_page import PATH as LIST
from bot.record.engine import Sessions
from bot.record.tables import Audit, EntryRevision
from tests.desk_world import DeskWorld, served
from tests.faq_files import QUESTIONS, written
from tests.integration.entry_desk import EVA, Assistant, address, edition, editor, editors, look, press

CHIP, QUESTION = "calle/chip.md", "¿Cómo inscribo a mi mascota?"
SOUND = written("chip", QUESTION, QUESTIONS["chip"][1:])
BROKEN = SOUND.replace("revisado: 2026-11-01", "revisado: 1-11-2026")
BOX = re.compile(r'<textarea id="f-texto"[^>]*>([^<]*)</textarea>')
SEEN = re.compile(r'name="visto" value="(\w+)"')


@pytest.fixture
def assistant() -> Assistant:
    return Assistant()


@pytest_asyncio.fixture
async def world(
    redis: Any, database: Sessions, agency: Agency, faq_dir: Path, four_eyes: bool, assistant: Assistant
) -> AsyncIterator[DeskWorld]:
    async with (
        served(assistant.app) as url,
        editors(redis, database, agency, faq_dir, four_eyes=four_eyes, actions_url=url) as made,
    ):
        yield made


async def break_file(world: DeskWorld, faq_dir: Path, text: str | bytes, path: str = CHIP) -> None:
    (faq_dir / path).write_bytes(text if isinstance(text, bytes) else text.encode())
    await look(world, faq_dir)


async def opened(browser: httpx.AsyncClient, path: str = CHIP) -> tuple[str, dict[str, str]]:
    """Opens the page of a broken file; returns the page and the fields of its form."""
    page = (await browser.get(PATH, params={"ruta": path})).text
    box, seen = BOX.search(page), SEEN.search(page)
    assert box and seen, page
    text = html.unescape(box[1])
    return page, {"csrf": browser.headers["X-CSRF-Token"], "ruta": path, "visto": seen[1], "texto": text}


async def audited(world: DeskWorld) -> list[str]:
    async with world.sessions() as session:
        repaired = select(Audit.detail["path"].astext).where(Audit.action == "entry_repaired")
        return list(await session.scalars(repaired.order_by(Audit.id)))


async def test_known_fix_is_shown_and_then_published_and_audited(world: DeskWorld, faq_dir: Path) -> None:
    await break_file(world, faq_dir, BROKEN)
    browser = await editor(world)
    listed = (await browser.get(LIST)).text
    assert "calle/chip.md, línea 11:" in listed and f'href="{PATH}?ruta=calle/chip.md"' in listed
    assert "Ver el arreglo" in listed
    page, fields = await opened(browser)
    assert "<del>" in page and "<ins>" in page and fields["texto"] == SOUND and "Publicar el arreglo" in page
    assert (faq_dir / CHIP).read_text() == BROKEN  # nothing is written before it was confirmed
    done = await browser.post(PATH, data=fields | {"que": "publicar"})
    assert done.headers["location"].endswith("hecho=publicar")
    assert (faq_dir / CHIP).read_text() == SOUND and await audited(world) == [CHIP]
    await look(world, faq_dir)
    assert "Archivos con error" not in (await browser.get(LIST)).text
    async with world.sessions() as session:
        assert BROKEN in list(await session.scalars(select(EntryRevision.content)))


async def test_error_without_a_known_fix_is_repaired_by_hand_with_its_line_marked(
    world: DeskWorld, faq_dir: Path
) -> None:
    new = "calle/nueva.md"  # without a document, since it was never sound
    text = written("nueva", "¿Dónde hay una plaza?", ["plaza cerca"]).replace("revisado: 2026-11-01", "revisado: ayer")
    await break_file(world, faq_dir, text, new)
    browser = await editor(world)
    assert "Abrir y corregir" in (await browser.get(LIST)).text
    page, fields = await opened(browser, new)
    assert re.search(r"<mark>.*?10  revisado: ayer</mark>", page) and 'data-line="10"' in page
    assert "Publicar el arreglo" not in page
    wrong = await browser.post(PATH, data=fields | {"que": "publicar"})
    assert wrong.status_code == 422 and "ayer" in wrong.text and (faq_dir / new).read_text() == text
    fields["texto"] = text.replace("ayer", "2026-11-02")
    assert "Publicar el arreglo" in (await browser.post(PATH, data=fields | {"que": "revisar"})).text
    done = await browser.post(PATH, data=fields | {"que": "publicar"})
    assert done.headers["location"].endswith("hecho=publicar"), done.text
    assert "2026-11-02" in (faq_dir / new).read_text()


async def test_file_that_changed_meanwhile_is_not_overwritten(world: DeskWorld, faq_dir: Path) -> None:
    await break_file(world, faq_dir, BROKEN)
    browser = await editor(world)
    _, fields = await opened(browser)
    other = BROKEN.replace(QUESTION, "¿Otra pregunta?")
    await break_file(world, faq_dir, other)
    refused = await browser.post(PATH, data=fields | {"que": "publicar"})
    assert refused.status_code == 409 and "cambió en el disco" in refused.text
    assert (faq_dir / CHIP).read_text() == other


async def test_draft_that_somebody_edits_while_it_is_measured_is_not_published(
    world: DeskWorld, faq_dir: Path, assistant: Assistant
) -> None:
    await break_file(world, faq_dir, BROKEN)
    browser, eva = await editor(world), await editor(world, EVA)
    _, fields = await opened(browser)

    async def edit() -> None:
        await press(eva, await address(world, CHIP), "guardar", respuesta="Eva la cambió.")

    assistant.meanwhile.append(edit)
    text = fields["texto"].replace("Respuesta sobre chip.", "Ya no se inscriben.")
    refused = await browser.post(PATH, data=fields | {"que": "publicar", "texto": text})
    assert refused.status_code == 409 and "Abrir el borrador" in refused.text
    assert (faq_dir / CHIP).read_text() == BROKEN


async def test_file_in_another_encoding_is_saved_as_utf8_and_its_bytes_are_kept(
    world: DeskWorld, faq_dir: Path
) -> None:
    await break_file(world, faq_dir, SOUND.encode("cp1252"))
    browser = await editor(world)
    page, fields = await opened(browser)
    assert "UTF-8" in page and QUESTION in page
    done = await browser.post(PATH, data=fields | {"que": "publicar"})
    assert done.headers["location"].endswith("hecho=publicar"), done.text
    assert (faq_dir / CHIP).read_text() == SOUND
    assert (faq_dir / f"{CHIP}.original").read_bytes() == SOUND.encode("cp1252")


@pytest.mark.parametrize("four_eyes", [True], indirect=True)
async def test_with_four_eyes_only_new_words_wait_for_a_second_person(world: DeskWorld, faq_dir: Path) -> None:
    await break_file(world, faq_dir, BROKEN)
    browser = await editor(world)
    _, fields = await opened(browser)
    done = await browser.post(PATH, data=fields | {"que": "publicar"})
    assert done.headers["location"].endswith("hecho=publicar")  # as it was published before it broke
    await break_file(world, faq_dir, BROKEN.replace("Respuesta sobre chip.", "Ya no se inscriben."))
    _, fields = await opened(browser)
    done = await browser.post(PATH, data=fields | {"que": "publicar"})
    assert done.headers["location"].endswith("hecho=enviar") and (await edition(world)).state == "review"
    shown = (await browser.get(PATH, params={"ruta": CHIP})).text
    assert "tiene un borrador abierto" in shown and "Publicar el arreglo" not in shown
    with pytest.raises(DraftOpen):
        await FileRepair(world.sessions).take(CHIP, EntryText(SOUND), {}, Editor())
    page = done.headers["location"].partition("?")[0]
    await press(await editor(world, EVA), page, "aprobar", hash=(await edition(world)).hash)
    shown = SOUND.replace("Respuesta sobre chip.", "Ya no se inscriben.")
    assert (faq_dir / CHIP).read_text() == shown
    await break_file(world, faq_dir, shown.encode("cp1252"))
    _, fields = await opened(browser)
    fields["texto"] = SOUND.replace("Respuesta sobre chip.", "Vuelven a inscribirse.")
    await browser.post(PATH, data=fields | {"que": "publicar"})
    await press(await editor(world, EVA), page, "aprobar", hash=(await edition(world)).hash)
    assert "Vuelven a inscribirse." in (faq_dir / CHIP).read_text()
    assert (faq_dir / f"{CHIP}.original").read_bytes() == shown.encode("cp1252")


async def test_only_files_of_the_folder_are_opened(world: DeskWorld, faq_dir: Path) -> None:
    browser = await editor(world)
    (faq_dir.parent / "fuera.md").write_text("x")
    for path in ("../fuera.md", "calle/nada.md", str(faq_dir / CHIP)):
        assert (await browser.get(PATH, params={"ruta": path})).status_code == 404
    assert (await browser.get(PATH)).headers["location"] == LIST
