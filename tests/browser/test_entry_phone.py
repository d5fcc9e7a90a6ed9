"""Tests in a browser that the list of entries and the page of an entry suit a phone."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest_asyncio
from playwright.async_api import Locator, expect

from bot.agency.model import Agency
from bot.record.engine import Sessions
from tests.browser.desk_page import OpenDesk
from tests.desk_world import DeskWorld
from tests.faq_files import write_folder
from tests.integration.entry_desk import ANA, editors

ENTRIES = "/desk/respuestas"
PHONE: dict[str, Any] = {"viewport": {"width": 320, "height": 640}, "color_scheme": "dark"}
# Scrolls until the lower edge of a field is that of the window.
BEHIND = "one => scrollBy(0, one.getBoundingClientRect().bottom - innerHeight)"
MOST_LINES = 7  # of a row of the list; with a line for each cell it had more than ten


@pytest_asyncio.fixture
async def world(redis: Any, database: Sessions, agency: Agency, tmp_path: Path) -> AsyncIterator[DeskWorld]:
    async with editors(redis, database, agency, write_folder(tmp_path / "faq"), four_eyes=False) as made:
        yield made


async def test_each_entry_of_the_list_takes_a_few_lines(world: DeskWorld, desk: OpenDesk) -> None:
    ana = await desk(ANA, path=ENTRIES, **PHONE)
    await ana.page.wait_for_load_state()
    lines = await ana.page.locator(".listed tbody tr").first.evaluate(
        "row => row.offsetHeight / Number.parseFloat(getComputedStyle(row).lineHeight)"
    )
    assert lines < MOST_LINES
    assert (await ana.serious(".listed"), await ana.sideways_scroll_px()) == ([], 0)


async def test_publishing_is_one_touch_away_from_the_top_of_an_entry(world: DeskWorld, desk: OpenDesk) -> None:
    page = (await desk(ANA, path=ENTRIES, **PHONE)).page
    await page.locator(".listed a").first.click()
    way, publish = (
        page.get_by_role("link", name="Ir a guardar o publicar"),
        page.get_by_role("button", name="Publicar ahora"),
    )
    await expect(way).to_be_in_viewport()
    await expect(publish).not_to_be_in_viewport()
    await way.click()
    await expect(publish).to_be_in_viewport()


async def test_the_way_to_publishing_takes_no_touch_beside_it_and_covers_no_field_that_has_the_focus(
    world: DeskWorld, desk: OpenDesk
) -> None:
    page = (await desk(ANA, path=ENTRIES, **PHONE)).page
    await page.locator(".listed a").first.click()
    way, field = page.get_by_role("link", name="Ir a guardar o publicar"), page.locator("#f-respuesta")
    await field.evaluate("one => scrollBy(0, one.getBoundingClientRect().top - innerHeight + 90)")
    await expect(way).to_be_in_viewport()
    shown, button = await field.bounding_box(), await way.bounding_box()
    assert shown and button and shown["y"] < button["y"] and shown["x"] + 20 < button["x"]
    await page.mouse.click(shown["x"] + 20, button["y"] + button["height"] / 2)
    await expect(field).to_be_focused()
    await page.locator("#tabs a").last.click()
    low = page.locator("#f-responsable")
    await low.evaluate(BEHIND)
    assert await covered(low, way)
    await low.focus()
    assert not await covered(low, way)


async def covered(field: Locator, way: Locator) -> bool:
    """Returns whether the lower edge of ``field`` is below the upper edge of ``way``."""
    of_field, of_way = await field.bounding_box(), await way.bounding_box()
    assert of_field and of_way
    return of_field["y"] + of_field["height"] > of_way["y"]
