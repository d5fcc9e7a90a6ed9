"""Tests in a browser how a change of an entry goes live: minor correction, unit's link, effect, withdrawal."""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest_asyncio
from playwright.async_api import Page, expect
from sqlalchemy import select

from bot.agency.model import Agency
from bot.desk.editing.disk import DiskWatch
from bot.faq.entries.folder import load_folder
from bot.record.engine import Sessions
from bot.record.tables import EntryDocument
from tests.browser.desk_page import DeskPage, OpenDesk
from tests.browser.desk_page import looks_right as pictured
from tests.conftest import ROOT
from tests.desk_world import DeskWorld, desk_world, served
from tests.integration.entry_desk import Assistant, tell

ANA, EVA = "ana@losaromos.example", "eva@losaromos.example"
ENTRY = "aseo/bache.md"
TOPICS = ("aseo", "salud")  # the list of all takes as long to look at as the rest of a test
PHONE, DESKTOP = {"width": 320, "height": 800}, {"width": 1280, "height": 900}


@pytest_asyncio.fixture
async def world(redis: Any, database: Sessions, agency: Agency, tmp_path: Path) -> AsyncIterator[DeskWorld]:
    faq_dir = tmp_path / "faq"
    for topic in TOPICS:
        shutil.copytree(ROOT / "data" / "faq" / topic, faq_dir / topic)
    async with AsyncExitStack() as stack:
        url = await stack.enter_async_context(served(Assistant().app))
        strict = replace(agency, four_eyes=True)
        made = await stack.enter_async_context(desk_world(redis, database, strict, FAQ_DIR=faq_dir, actions_url=url))
        for email, name in ((ANA, "Ana"), (EVA, "Eva")):
            await made.hire(email, name, ("agent", "editor", "supervisor"))
        await DiskWatch(database, faq_dir, agency.teams, four_eyes=True).look()
        folder = load_folder(faq_dir, agency.teams)
        made.faq.entries, made.faq.problems = folder.entries, folder.problems
        yield made


async def looks_right(opened: DeskPage) -> None:
    """Checks a page on a phone and on a desktop."""
    for size in (PHONE, DESKTOP):
        await opened.page.set_viewport_size(size)  # type: ignore[arg-type]
        assert (await opened.sideways_scroll_px(), await opened.serious()) == (0, [])


async def beside(page: Page, size: dict[str, int]) -> bool:
    """Returns whether the answers before and after the change are side by side, not one above the other."""
    await page.set_viewport_size(size)  # type: ignore[arg-type]
    before, after = [await one.bounding_box() for one in await page.locator(".answers[open] .side").all()]
    assert before is not None and after is not None
    return before["y"] == after["y"] and before["x"] < after["x"]


async def write(page: Page, words: str) -> None:
    await page.get_by_label("Lo que leerá la gente").fill(words)
    await expect(page.locator("#saved")).to_have_text("Guardado")


async def test_change_goes_live_by_each_way(world: DeskWorld, desk: OpenDesk, tmp_path: Path) -> None:
    async with world.sessions() as session:
        id = await session.scalar(select(EntryDocument.id).where(EntryDocument.path == ENTRY))
    path = f"/desk/respuestas/{id}"
    address, ana, eva = world.url + path, await desk(ANA, path=path), await desk(EVA, path="/desk/respuestas")
    page = ana.page
    before = await page.get_by_label("Lo que leerá la gente").input_value()

    # A phone number: live at once, and Eva confirms it from the list.
    await write(page, f"{before} Llama al 2 2345 6789.")
    await expect(page.locator("#minor")).to_be_hidden()
    await write(page, before.replace("2555 0100", "2555 0199"))
    await expect(page.locator("#minor")).to_be_visible()
    await page.get_by_role("button", name="Publicar la corrección ahora").click()
    await expect(page.get_by_role("status").first).to_contain_text("Corrección publicada")
    await eva.page.reload()
    await looks_right(eva)
    await eva.page.get_by_role("button", name="Está bien").click()
    await expect(eva.page.get_by_role("status").first).to_have_text("Confirmada.")

    # The unit answers on a phone with the link, without an account.
    await write(page, "Ahora esto pierde.")
    await page.get_by_role("button", name="Enviar a revisión").click()
    await expect(page.get_by_role("status").first).to_contain_text("Enviada a revisión")
    await page.get_by_text("Pedir el visto bueno de la unidad").click()
    await page.get_by_role("button", name="Crear el enlace").click()
    link = await page.get_by_label("Enlace", exact=True).input_value()
    await looks_right(ana)
    browser = page.context.browser
    assert browser is not None
    phone = await browser.new_context(viewport=PHONE, reduced_motion="reduce")  # type: ignore[arg-type]
    unit = DeskPage(await phone.new_page(), world.url)
    await unit.page.goto(world.url + "/visto-bueno/" + link.rpartition("/")[2])
    await expect(unit.page.locator(".bubble")).to_contain_text("Ahora esto pierde.")
    await looks_right(unit)
    await unit.page.get_by_label("Tu nombre y cargo").fill("María, jefa de Aseo")
    await unit.page.get_by_role("button", name="Está correcto").click()
    await expect(unit.page.get_by_role("status")).to_contain_text("Quedó aprobado")
    await phone.close()

    # It loses a test message, so Eva says why she approves it.
    await eva.page.goto(address)
    await expect(eva.page.get_by_text("lo aprobó: María, jefa de Aseo")).to_be_visible()
    await eva.page.get_by_role("button", name="Aprobar y publicar").click()
    await expect(eva.page.get_by_role("heading", name="Se pierden")).to_be_visible()
    await pictured(eva, "entry-effect")
    assert [await beside(eva.page, size) for size in (PHONE, DESKTOP)] == [False, True]
    await eva.page.get_by_label("Por qué se hace igual").fill("Ese mensaje es de otra respuesta")
    await eva.page.get_by_role("button", name="Aprobar igual").click()
    await expect(eva.page.get_by_role("status").first).to_contain_text("Publicada")

    # Back to the text before with one click; then it is withdrawn.
    await eva.page.get_by_role("button", name="Volver a esta ahora").first.click()
    await expect(eva.page.get_by_role("status").first).to_contain_text("publicada de nuevo")
    await eva.page.get_by_text("Retirar esta respuesta").click()
    await eva.page.get_by_label("Por qué se retira").fill("El servicio se suspendió")
    await eva.page.get_by_role("button", name="Retirar ahora").click()
    await expect(eva.page.get_by_role("status").first).to_contain_text("Retirada")
    (entry,) = [one for one in load_folder(tmp_path / "faq", world.agency.teams).entries if one.path == ENTRY]
    assert entry.expired(date.today())  # so it is no longer given

    await eva.page.goto(f"{world.url}/desk/respuestas/dadas?q=hoyo")
    await looks_right(eva)


async def test_draft_whose_file_changed_shows_what_changed_before_it_is_kept(
    world: DeskWorld, desk: OpenDesk, tmp_path: Path
) -> None:
    async with world.sessions() as session:
        id = await session.scalar(select(EntryDocument.id).where(EntryDocument.path == ENTRY))
    ana, file = await desk(ANA, path=f"/desk/respuestas/{id}"), tmp_path / "faq" / ENTRY
    await write(ana.page, "Los hoyos se avisan por correo.")
    file.write_text(file.read_text().replace("2555 0100", "2555 0199"))
    await DiskWatch(world.sessions, tmp_path / "faq", world.agency.teams, four_eyes=True).look()
    await ana.page.reload()
    changed = ana.page.get_by_role("region", name="Qué cambió en el archivo")
    await expect(changed.locator("ins")).to_contain_text("0199")
    await pictured(ana, "entry-meanwhile")
    await ana.page.get_by_role("button", name="Seguir con este borrador").click()
    await expect(ana.page.get_by_role("status").first).to_contain_text("Sigues con este borrador")
    await expect(changed).to_have_count(0)


async def test_second_person_returns_and_approves_and_the_list_shows_what_to_do(
    world: DeskWorld, desk: OpenDesk
) -> None:
    async with world.sessions() as session:
        id = await session.scalar(select(EntryDocument.id).where(EntryDocument.path == ENTRY))
    path = f"/desk/respuestas/{id}"
    address, ana = world.url + path, await desk(ANA, path=path)
    page = ana.page
    await write(page, "Los hoyos se avisan por correo.")
    await page.get_by_role("button", name="Enviar a revisión").click()
    await tell(world)

    # Eva is notified, and returns it by keyboard alone.
    eva = await desk(EVA, path="/desk/respuestas")
    other = eva.page
    await other.get_by_role("link", name="Ver: Ana pide que apruebes").click()
    await other.get_by_text("Devolver con cambios").focus()
    await other.keyboard.press("Enter")
    await other.keyboard.press("Tab")
    await expect(other.get_by_label("Qué hay que cambiar")).to_be_focused()
    await other.keyboard.type("Falta decir a qué correo")
    await looks_right(eva)
    await other.keyboard.press("Tab")
    await other.keyboard.press("Enter")
    await expect(other.get_by_role("status").first).to_contain_text("Devuelta")

    # Ana corrects it; now it is approved, and published later from the list.
    await page.goto(address)
    await expect(page.get_by_text("Eva pidió cambios")).to_be_visible()
    await write(page, "Los hoyos se avisan al correo oirs@losaromos.example.")
    await page.get_by_role("button", name="Enviar a revisión").click()
    await other.goto(address)
    await other.get_by_role("button", name="Solo aprobar").click()
    await expect(other.get_by_role("status").first).to_contain_text("Queda lista")
    await page.goto(f"{world.url}/desk/respuestas")
    await page.get_by_role("button", name="Publicar ahora").click()
    await expect(page.get_by_role("status").first).to_contain_text("Publicada")


async def test_broken_files_are_repaired_on_the_page(world: DeskWorld, desk: OpenDesk, tmp_path: Path) -> None:
    faq_dir = tmp_path / "faq"
    for path, right, wrong in (
        (ENTRY, "tema: aseo\n", "tema:aseo\n"),
        ("salud/cesfam-hora.md", "revisado: 2026", "revisado: ayer, 2026"),
    ):
        (faq_dir / path).write_text((faq_dir / path).read_text().replace(right, wrong, 1))
    folder = load_folder(faq_dir, world.agency.teams)
    world.faq.entries, world.faq.problems = folder.entries, folder.problems
    eva = await desk(EVA, path="/desk/respuestas")
    page = eva.page
    await looks_right(eva)
    await page.get_by_role("link", name=f"Ver el arreglo: {ENTRY}").click()
    await looks_right(eva)
    await page.get_by_role("button", name="Guardar el arreglo").click()
    await expect(page.get_by_role("status").first).to_contain_text("Publicada")

    await page.goto(f"{world.url}/desk/respuestas")
    await page.get_by_role("link", name="Abrir y corregir: salud/cesfam-hora.md").click()
    await looks_right(eva)
    await page.get_by_role("button", name="Ir a la línea").click()
    box = page.get_by_label("Texto del archivo")
    await expect(box).to_be_focused()
    selected = await box.evaluate("(one) => one.value.slice(one.selectionStart, one.selectionEnd)")
    assert selected.startswith("revisado: ayer, 2026")
    await page.keyboard.type("revisado: 2026-11-01")
    await page.get_by_role("button", name="Revisar").click()
    await page.get_by_role("button", name="Guardar el arreglo").click()
    await expect(page.get_by_role("status").first).to_contain_text("Publicada")
    assert load_folder(faq_dir, world.agency.teams).problems == ()
