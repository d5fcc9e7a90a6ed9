"""Tests every page of the console with long names at three widths: no sideways scroll, targets large enough."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest_asyncio

from bot.agency.model import Agency
from bot.record.engine import Sessions
from bot.record.tables import CannedReply
from tests.browser.desk_page import DeskPage, OpenDesk
from tests.desk_world import DeskWorld, desk_world

EVA = "eva@losaromos.example"
LONG = "Bartolomé Sepúlveda-Irarrázaval Fernández de Córdova"
ONE_WORD = "electroencefalografistaotorrinolaringologiadesoxirribonucleico"
PATHS = [
    f"/desk{path}"
    for path in (
        "",
        "/en-vivo",
        "/avisos",
        "/llamadas",
        "/opiniones",
        "/cifras",
        "/guardadas",
        "/respuestas",
        "/respuestas/traer",
        "/respuestas/borradores",
        "/respuestas/aprobar",
        "/respuestas/empezar",
        "/respuestas/pruebas",
        "/bandeja",
        "/faltantes",
        "/institucion",
        "/canales",
        "/auditoria",
        "/mensajes",
        "/bloqueos",
        "/personal",
        "/personal/nueva",
        "/cuenta",
        "/cuenta/dos-pasos",
        "/clave",
        "/esta-no-existe",
    )
]
# WCAG 2.2 target size (minimum); links within a sentence are exempt.
TOO_SMALL = """() => [...document.querySelectorAll("a, button, summary, input, select, textarea")]
  .filter((one) => one.checkVisibility({ visibilityProperty: true }) && !one.closest("label"))
  .filter((one) => getComputedStyle(one).display !== "inline")
  .map((one) => [one, one.getBoundingClientRect()])
  .filter(([, box]) => Math.min(box.width, box.height) < 24)
  .map(([one, box]) => `${one.outerHTML.slice(0, 80)} ${box.width} x ${box.height}`)"""
WIDER_THAN_ITSELF = "dialog => dialog.scrollWidth - dialog.clientWidth"


@pytest_asyncio.fixture
async def world(redis: Any, database: Sessions, agency: Agency) -> AsyncIterator[DeskWorld]:
    async with desk_world(redis, database, agency) as made:
        await made.appoint(EVA, LONG, roles=("supervisor", "editor", "admin", "analyst"))
        await made.appoint(f"{ONE_WORD[:60]}@losaromos.example", ONE_WORD)
        async with database.begin() as session:
            session.add(CannedReply(shortcut="saludo", team="", text=ONE_WORD))
        yield made


async def test_every_page_fits_the_screen_with_large_enough_targets(world: DeskWorld, desk: OpenDesk) -> None:
    eva = await desk(EVA, path=PATHS[0], viewport={"width": 320, "height": 900}, reduced_motion="reduce")
    for path in PATHS:
        await eva.page.goto(world.url + path)
        await eva.page.wait_for_load_state()
        for width in (320, 768, 1440):
            await eva.page.set_viewport_size({"width": width, "height": 900})
            assert (path, width, await eva.sideways_scroll_px()) == (path, width, 0)
            assert (path, width, await eva.page.evaluate(TOO_SMALL)) == (path, width, [])


async def test_page_of_the_agency_has_no_serious_fault(world: DeskWorld, desk: OpenDesk) -> None:
    screen = {"width": 320, "height": 900}
    eva = await desk(EVA, path="/desk/institucion", viewport=screen, reduced_motion="reduce")
    await eva.page.locator("main details").last.evaluate("one => { one.open = true; }")
    assert await eva.serious() == []


async def test_shortcuts_and_names_fit_a_small_phone(
    world: DeskWorld,
    desk: OpenDesk,
) -> None:
    eva = await desk(EVA, viewport={"width": 320, "height": 640})
    assert await _cut_px(eva) == 0
    await eva.page.locator("#help-open").click()
    assert await eva.page.locator("#help").evaluate(WIDER_THAN_ITSELF) == 0


async def _cut_px(page: DeskPage) -> int:
    """Returns the pixels of the page's name that an ellipsis hides; 0 if the name is not shown."""
    cut: int = await page.page.locator(".brand span").evaluate(
        "name => getComputedStyle(name).position === 'absolute' ? 0 : name.scrollWidth - name.clientWidth"
    )
    return cut
