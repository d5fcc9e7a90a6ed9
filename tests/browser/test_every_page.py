"""Tests every page of the console with long names on phones and desktops.

Nothing scrolls sideways, targets are large enough, the menu shows the page, and axe finds nothing serious.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest_asyncio
from playwright.async_api import expect

from bot.agency.model import Agency
from bot.desk.pages.menu import LINKS
from bot.record.engine import Sessions
from bot.record.tables import CannedReply
from tests.browser.desk_page import DeskPage, OpenDesk, looks_right
from tests.desk_world import DeskWorld, desk_world

EVA = "eva@losaromos.example"
LONG = "Bartolomé Sepúlveda-Irarrázaval Fernández de Córdova"
ONE_WORD = "electroencefalografistaotorrinolaringologiadesoxirribonucleico"
LOOKED_AT = [*(link.path for link in LINKS), "/desk/cuenta/dos-pasos", "/desk/clave", "/desk/confirmar"]
# The tests of these pages look at them with axe.
OTHERS = ("traer", "borradores", "aprobar", "empezar", "pruebas")
PATHS = [*LOOKED_AT, *(f"/desk/respuestas/{name}" for name in OTHERS), "/desk/personal/nueva", "/desk/esta-no-existe"]
UNFOLDED = {"/desk/institucion": "main details >> nth=-1"}
UNFOLD = "all => all.forEach((one) => { one.open = true; })"
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


async def test_every_page_fits_the_screen_with_large_enough_targets_and_no_serious_fault(
    world: DeskWorld, desk: OpenDesk
) -> None:
    await world.wait_for_person("hola")
    eva = await desk(EVA, path=PATHS[0], viewport={"width": 320, "height": 900})
    for path in PATHS:
        await eva.page.goto(world.url + path)
        await expect(eva.page.get_by_role("heading", level=1)).to_be_visible()
        await eva.page.wait_for_load_state()
        for width in (1440, 768, 320):
            await eva.page.set_viewport_size({"width": width, "height": 900})
            assert (path, width, await eva.sideways_scroll_px()) == (path, width, 0)
            assert (path, width, await eva.page.evaluate(TOO_SMALL)) == (path, width, [])
        if path in LOOKED_AT:
            await menu_shows_the_page(eva)
            await eva.page.locator(UNFOLDED.get(path, "nothing")).evaluate_all(UNFOLD)
            await looks_right(eva, path.removeprefix("/desk").replace("/", "-"))
    await eva.page.set_viewport_size({"width": 320, "height": 900})
    await eva.page.goto(world.url + LINKS[-1].path)
    await eva.page.locator(".narrow-pages summary").click()
    await looks_right(eva, "menu")


async def menu_shows_the_page(page: DeskPage) -> None:
    """Opens the menu of a narrow screen, if the page has it, looks for the current page there, and closes it."""
    menu = page.page.locator(".narrow-pages")
    if not await menu.is_visible():
        return
    await menu.locator("summary").click()
    await expect(menu.locator("a[aria-current]")).to_be_visible()
    await menu.locator("summary").click()


async def test_shortcuts_and_names_fit_a_small_phone(
    world: DeskWorld,
    desk: OpenDesk,
) -> None:
    eva = await desk(EVA, viewport={"width": 320, "height": 640})
    assert await _cut_px(eva) == 0
    await eva.page.locator("#help-open").click()
    assert await eva.page.locator("#help").evaluate(WIDER_THAN_ITSELF) == 0
    await looks_right(eva, "help")


async def _cut_px(page: DeskPage) -> int:
    """Returns the pixels of the page's name that an ellipsis hides; 0 if the name is not shown."""
    cut: int = await page.page.locator(".brand span").evaluate(
        "name => getComputedStyle(name).position === 'absolute' ? 0 : name.scrollWidth - name.clientWidth"
    )
    return cut
