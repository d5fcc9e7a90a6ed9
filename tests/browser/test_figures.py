"""Tests the page of figures and the public page in a browser: narrow and wide, light and dark, tables, filters."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any

import pytest_asyncio
from playwright.async_api import expect

from bot.agency.model import Agency
from bot.channels.web.pages import pages_router
from bot.channels.web.site import Site
from bot.channels.web.transparency.pages import TransparencyPages
from bot.core.settings import ROOT
from bot.faq.entries.folder import load_folder
from bot.figures.publishing import Months
from bot.record.engine import Sessions
from tests.browser.desk_page import DeskPage, OpenDesk
from tests.desk_world import DeskWorld, desk_world
from tests.episode_rows import town, write

EVA = "eva@losaromos.example"
KEEP_DAYS = 200  # so that two months are published on any day: the town's conversations began 75 days ago


@pytest_asyncio.fixture
async def world(redis: Any, database: Sessions, agency: Agency) -> AsyncIterator[DeskWorld]:
    async with desk_world(redis, database, agency) as made:
        await made.hire(EVA, "Eva Ríos", roles=("supervisor", "editor"))
        made.faq.entries = load_folder(ROOT / "data" / "faq", None).entries
        months = Months(database, agency.timezone, KEEP_DAYS, agency.published_segments)
        site = Site(agency, entries=lambda: made.faq.entries, channels=("web", "whatsapp"), months=months.newest)
        made.app.router.routes.extend(TransparencyPages(site).router().routes)
        made.app.router.routes.extend(pages_router(site).routes)
        await write(database, town(datetime.now(UTC), days=75, daily=20))
        await months.publish_due(datetime.now(UTC))
        yield made


async def check(desk: DeskPage, path: str, chart: str) -> None:
    """Opens the page and, with the keyboard, each folded part; checks that everything is readable."""
    page = desk.page
    await page.goto(desk.url + path)
    if chart:
        await expect(page.get_by_role("img", name=chart)).to_be_visible()
    for summary in await page.locator("main summary").all():
        await summary.focus()
        await page.keyboard.press("Enter")
    await expect(page.locator("main details:not([open])")).to_have_count(0)
    assert (path, await desk.sideways_scroll_px()) == (path, 0)
    assert (path, await desk.cut_tables()) == (path, [])
    assert (path, await desk.serious()) == (path, [])


async def test_figures_are_read_narrow_and_wide_filtered_and_downloaded(world: DeskWorld, desk: OpenDesk) -> None:
    eva = await desk(EVA, path="/desk/cuenta", viewport={"width": 320, "height": 800}, color_scheme="dark")
    await check(eva, "/desk/cifras", "Conversaciones por hora del día")
    await check(eva, "/transparencia", "Conversaciones por mes")
    await check(eva, "/transparencia/respuestas", "")
    await eva.page.set_viewport_size({"width": 1280, "height": 800})
    await eva.page.emulate_media(color_scheme="light")
    await check(eva, "/transparencia", "Conversaciones por mes")
    await check(eva, "/desk/cifras", "Conversaciones por hora del día")
    await check(eva, "/desk/cifras/entradas?periodo=90", "")
    await eva.page.goto(f"{eva.url}/desk/cifras")
    await eva.page.get_by_label("Canal").select_option(label="WhatsApp")
    await eva.page.get_by_label("Período").select_option(label="Últimos 7 días")
    await eva.page.get_by_role("button", name="Mostrar").click()
    await expect(eva.page).to_have_url(f"{world.url}/desk/cifras?periodo=7&canal=whatsapp&segmento=")
    await expect(eva.page.get_by_label("Canal")).to_have_value("whatsapp")
    async with eva.page.expect_download() as file:
        await eva.page.get_by_role("link", name="Bajar en CSV").click()
    assert (await file.value).suggested_filename.startswith("cifras-")


async def test_charts_are_printed_with_their_tables(world: DeskWorld, desk: OpenDesk) -> None:
    eva = await desk(EVA, path="/desk/cuenta", viewport={"width": 1280, "height": 800})
    page = eva.page
    for path in ("/desk/cifras", "/transparencia"):
        await page.goto(eva.url + path)
        table = page.locator(".numbers table").first
        await expect(table).to_be_hidden()
        await page.emulate_media(media="print")
        await expect(table).to_be_visible()
        box = await table.bounding_box()
        assert (path, box is not None and box["height"] > 50) == (path, True)
        await page.emulate_media(media="screen")


async def test_page_is_read_folded_and_opened_by_part_or_whole(world: DeskWorld, desk: OpenDesk) -> None:
    eva = await desk(EVA, path="/desk/cifras", viewport={"width": 320, "height": 640})
    page, themes = eva.page, eva.page.get_by_role("region", name="Sobre qué")
    folded = await page.evaluate("document.documentElement.scrollHeight")
    await expect(themes.get_by_text("Lo más: ")).to_be_visible()
    await expect(themes.get_by_role("table")).to_be_hidden()
    await themes.locator("summary").focus()
    await page.keyboard.press("Enter")
    await expect(themes.get_by_role("table")).to_be_visible()
    await page.get_by_role("link", name="Abrir todas las partes").click()
    await expect(page).to_have_url(re.compile("periodo=30&partes=todas"))
    await expect(page.locator("main .part > details:not([open])")).to_have_count(0)
    assert 2 * folded < await page.evaluate("document.documentElement.scrollHeight")
    await page.get_by_label("Período").select_option(label="Últimos 7 días")
    await page.get_by_role("button", name="Mostrar").click()
    await expect(themes.get_by_role("table")).to_be_visible()  # filtering keeps them open
    await page.get_by_role("link", name="Cerrar todas las partes").click()
    await expect(page.locator("main .part > details[open]")).to_have_count(0)
    await page.emulate_media(media="print")
    await expect(themes.get_by_role("table")).to_be_visible()


async def test_segments_are_compared_and_one_of_them_is_chosen(world: DeskWorld, desk: OpenDesk) -> None:
    eva = await desk(EVA, path="/desk/cifras", viewport={"width": 320, "height": 800})
    section = eva.page.get_by_role("region", name="Quiénes escriben")
    await section.locator("summary").click()
    for heading in ("Comuna", "Idioma", "Si ya había escrito"):
        await expect(section.get_by_role("heading", name=heading, exact=True)).to_be_visible()
        await expect(section.get_by_role("table", name=heading, exact=True)).to_be_visible()
    await expect(section.get_by_role("rowheader", name="Sin dato").first).to_be_visible()
    segment = eva.page.get_by_label("Segmento")
    await segment.focus()
    await eva.page.keyboard.type("Ya h")
    await eva.page.get_by_role("button", name="Mostrar").press("Enter")
    await expect(eva.page).to_have_url(f"{world.url}/desk/cifras?periodo=30&canal=&segmento=vuelve.otra-vez")
    await expect(segment).to_have_value("vuelve.otra-vez")
    await expect(section).to_have_count(0)
    await eva.page.get_by_role("link", name="Sin respuesta").first.click()
    await expect(eva.page).to_have_url(f"{world.url}/desk/cifras/sin_respuesta?periodo=30&segmento=vuelve.otra-vez")
    await eva.page.goto(f"{world.url}/desk/cifras?periodo=7&segmento=idioma.pt")
    await expect(eva.page.get_by_text("En este período no escribió nadie.")).to_be_visible()
