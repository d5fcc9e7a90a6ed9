"""Tests the page of figures and the public page in a browser: narrow and wide, light and dark, tables, filters."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Page, expect

from bot.agency.model import Agency
from bot.channels.web.pages import pages_router
from bot.channels.web.site import Site
from bot.channels.web.transparency.pages import TransparencyPages
from bot.core.settings import ROOT
from bot.faq.entries.folder import load_folder
from bot.figures.publishing import Months
from bot.record.engine import Sessions
from tests.browser.desk_page import OpenDesk
from tests.desk_world import DeskWorld, desk_world
from tests.episode_rows import town, write

EVA = "eva@losaromos.example"
SIDEWAYS = "document.documentElement.scrollWidth - innerWidth"


@pytest_asyncio.fixture
async def world(redis: Any, database: Sessions, agency: Agency) -> AsyncIterator[DeskWorld]:
    async with desk_world(redis, database, agency) as made:
        await made.hire(EVA, "Eva Ríos", roles=("supervisor", "editor"))
        made.faq.entries = load_folder(ROOT / "data" / "faq", None).entries
        months = Months(database, agency.timezone)
        site = Site(agency, entries=lambda: made.faq.entries, channels=("web", "whatsapp"), months=months.newest)
        made.app.include_router(TransparencyPages(site).router())
        made.app.include_router(pages_router(site))
        await write(database, town(datetime.now(UTC), days=75, daily=30))
        await months.publish_due(datetime.now(UTC))
        yield made


async def open_tables(page: Page) -> None:
    """Opens each folded part with the keyboard."""
    for summary in await page.locator("main summary").all():
        await summary.focus()
        await page.keyboard.press("Enter")


@pytest.mark.parametrize(("width", "scheme"), [(320, "dark"), (1280, "light")])
async def test_figures_can_be_read(world: DeskWorld, desk: OpenDesk, width: int, scheme: Any) -> None:
    eva = await desk(EVA, viewport={"width": width, "height": 800}, color_scheme=scheme)
    for path, chart in (("/desk/cifras", "Conversaciones por hora del día"), ("/transparencia", "Conversaciones por mes")):
        await eva.page.goto(world.url + path)
        await expect(eva.page.get_by_role("img", name=chart)).to_be_visible()
        await open_tables(eva.page)
        assert (path, await eva.page.evaluate(SIDEWAYS)) == (path, 0)
        assert (path, await eva.serious()) == (path, [])
    await eva.page.get_by_role("link", name="Bajar en CSV").focus()
    await eva.page.emulate_media(media="print")
    await expect(eva.page.get_by_role("heading", level=1)).to_be_visible()


async def test_filters_are_in_the_address(world: DeskWorld, desk: OpenDesk) -> None:
    eva = await desk(EVA)
    await eva.page.goto(f"{world.url}/desk/cifras")
    await eva.page.get_by_label("Canal").select_option(label="WhatsApp")
    await eva.page.get_by_label("Período").select_option(label="Últimos 7 días")
    await eva.page.get_by_role("button", name="Mostrar").click()
    await expect(eva.page).to_have_url(f"{world.url}/desk/cifras?periodo=7&canal=whatsapp")
    await expect(eva.page.get_by_label("Canal")).to_have_value("whatsapp")
    async with eva.page.expect_download() as file:
        await eva.page.get_by_role("link", name="Bajar en CSV").click()
    assert (await file.value).suggested_filename.startswith("cifras-")
