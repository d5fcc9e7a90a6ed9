"""Tests the monthly report in a browser: read narrow and wide, with another month, and downloaded as PDF."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any

import pytest_asyncio
from playwright.async_api import expect

from bot.agency.model import Agency
from bot.core.settings import ROOT
from bot.faq.entries.folder import load_folder
from bot.record.engine import Sessions
from tests.browser.axe import SCREENS
from tests.browser.desk_page import OpenDesk
from tests.desk_world import DeskWorld, desk_world
from tests.episode_rows import town, write

EVA = "eva@losaromos.example"


@pytest_asyncio.fixture
async def world(redis: Any, database: Sessions, agency: Agency) -> AsyncIterator[DeskWorld]:
    async with desk_world(redis, database, agency) as made:
        await made.hire(EVA, "Eva Ríos", roles=("supervisor",))
        made.faq.entries = load_folder(ROOT / "data" / "faq", None).entries
        await write(database, town(datetime.now(UTC), days=75, daily=20))
        yield made


async def test_report_is_read_printed_and_downloaded(world: DeskWorld, desk: OpenDesk) -> None:
    eva = await desk(EVA, path="/desk/cifras", viewport={"width": 320, "height": 800}, color_scheme="dark")
    page = eva.page
    await page.get_by_role("link", name="Informe del mes").click()
    for width, scheme in SCREENS:
        await page.set_viewport_size({"width": width, "height": 800})
        await page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
        await expect(page.get_by_role("heading", name="Qué decidir")).to_be_visible()
        assert (width, await eva.sideways_scroll_px(), await eva.cut_tables()) == (width, 0, [])
        assert (width, await eva.serious()) == (width, [])
    await page.emulate_media(media="print")
    await expect(page.get_by_role("button", name="Mostrar")).to_be_hidden()
    await expect(page.get_by_role("heading", name="Cinco números")).to_be_visible()
    await page.emulate_media(media="screen")
    async with page.expect_download() as file:
        await page.get_by_role("link", name="Bajar en PDF").click()
    assert (await file.value).suggested_filename.startswith("informe-2")
