"""Tests two stories in a browser: a mayor reads the figures of the service, and a journalist the public ones.

Also reads a conversation behind a figure, masked, on a phone.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any

import pytest_asyncio
from playwright.async_api import expect
from sqlalchemy import insert, select

from bot.agency.model import Agency
from bot.channels.web.pages import pages_router
from bot.channels.web.site import Site
from bot.channels.web.transparency.pages import TransparencyPages
from bot.core.settings import ROOT
from bot.faq.entries.folder import load_folder
from bot.figures.publishing import Months
from bot.record.engine import Sessions
from bot.record.tables import Episode, Message
from tests.browser.desk_page import OpenDesk, looks_right
from tests.desk_world import DeskWorld, desk_world
from tests.episode_rows import DAY, row, town, write

MAYOR, EVA = "alcaldesa@losaromos.example", "eva@losaromos.example"
LINES = (
    ("citizen", "Hola, mi RUT es 12.345.678-5 y nadie me llama al 9 8765 4321"),
    ("assistant", "Te atiende una persona."),
)
# What is read as a text; the tables are looked up, and the form is not of the report.
WITHOUT_TABLES = """() => {
  const read = document.querySelector("main").cloneNode(true);
  for (const one of read.querySelectorAll("table, form, details, svg")) one.remove();
  return read.textContent;
}"""
PHONE: dict[str, Any] = {"viewport": {"width": 320, "height": 800}, "color_scheme": "dark"}


@pytest_asyncio.fixture
async def world(redis: Any, database: Sessions, agency: Agency) -> AsyncIterator[DeskWorld]:
    async with desk_world(redis, database, agency) as made:
        await made.hire(MAYOR, "Marta Lagos", roles=("analyst",))
        await made.hire(EVA, "Eva Ríos", roles=("supervisor", "admin"))
        made.faq.entries = load_folder(ROOT / "data" / "faq", None).entries
        months = Months(database, agency.timezone, agency.keep_days, agency.published_segments)
        site = Site(agency, entries=lambda: made.faq.entries, channels=("web", "whatsapp"), months=months.newest)
        made.app.router.routes.extend(TransparencyPages(site).router().routes)
        made.app.router.routes.extend(pages_router(site).routes)
        now = datetime.now(UTC)
        sent = {"now": now, "reason": "asked_human", "judged_entry": "bache", "staff_entry": "poda", "team": "obras"}
        told = [row(2 * DAY, "person", **sent)] * 12 + [row(2 * DAY, "talk", now=now, drill=True)] * 3
        await write(database, [*town(now, days=75, daily=20), *told])
        await months.publish_due(now)
        yield made


async def test_mayor_reads_how_the_service_does_in_two_minutes(world: DeskWorld, desk: OpenDesk) -> None:
    mayor = await desk(**PHONE)
    page = mayor.page
    await page.goto(f"{mayor.url}/desk")
    await mayor.enter(MAYOR)
    await expect(page).to_have_url(f"{mayor.url}/desk/cifras")
    brief = page.get_by_role("region", name="En breve")
    await expect(brief).to_contain_text("personas, en")
    await expect(brief).to_be_in_viewport(ratio=0.99)  # she need not scroll for it
    await expect(page.get_by_role("region", name="¿Están bien las respuestas?")).to_contain_text("12 de 12")
    await looks_right(mayor, "cifras")
    await page.get_by_role("link", name="Informe del mes").click()
    words: str = await page.evaluate(WITHOUT_TABLES)
    assert len(words.split()) < 500  # two minutes at a calm 250 words a minute
    await expect(page.get_by_role("heading", name="Qué decidir")).to_be_visible()
    async with page.expect_download() as file:
        await page.get_by_role("link", name="Bajar en PDF").click()
    assert (await file.value).suggested_filename.endswith(".pdf")


async def test_journalist_checks_what_is_public_without_an_account(world: DeskWorld, desk: OpenDesk) -> None:
    journalist = await desk(**PHONE)
    page = journalist.page
    await page.goto(f"{journalist.url}/transparencia")
    for words in ("no decide nada", "a lo más 3 de cada 100"):
        await expect(page.get_by_text(words).first).to_be_visible()
    links = page.locator('main a[href*="cifras."], main a[href*="ficha-"]')
    addresses = [await one.get_attribute("href") for one in await links.all()]
    files = {address: await page.request.get(f"{journalist.url}{address}") for address in addresses if address}
    assert len(files) == 5  # figures as CSV and JSON, the card in three forms
    assert {file.status for file in files.values()} == {200}
    told = await files["/transparencia/cifras.json"].json()
    assert told["licencia"] == "CC-BY-4.0" and told["filas"]
    assert {"cuenta", "no_cuenta", "oculta"} <= set(told["diccionario"][0])
    await looks_right(journalist, "transparencia")


async def test_conversation_behind_a_figure_is_read_masked_on_a_phone(world: DeskWorld, desk: OpenDesk) -> None:
    async with world.sessions.begin() as session:
        lost = select(Episode).where(
            Episode.ending == "lost", Episode.reason != "", Episode.conversation_id.is_not(None)
        )
        one = await session.scalar(lost.order_by(Episode.started_at.desc()).limit(1))
        assert one
        said = {"conversation_id": one.conversation_id, "at": one.started_at, "data": {}}
        lines = (
            ("citizen", "Hola, mi RUT es 12.345.678-5 y nadie me llama al 9 8765 4321"),
            ("assistant", "Te atiende una persona."),
        )
        for number, (author, text) in enumerate(lines):
            await session.execute(
                insert(Message).values(said | {"event_id": f"{number}-0", "author": author, "text": text})
            )
    eva = await desk(EVA, path="/desk/cifras", **PHONE)
    page = eva.page
    await page.get_by_role("link", name="Sin respuesta").first.click()
    await looks_right(eva, "lista")
    await page.set_viewport_size(PHONE["viewport"])
    await page.locator("main tbody a").first.click()
    await expect(page.get_by_text("nadie me llama al +56 9 •••• 4321")).to_be_visible()
    await looks_right(eva, "conversacion")
    await page.get_by_role("link", name="Sin respuesta").click()
    await expect(page.get_by_role("heading", name="Sin respuesta", level=1)).to_be_visible()
    for path, name in (
        ("/desk/canales", "canales"),
        ("/desk/cifras/entradas", "entradas"),
        ("/desk/cifras/informe", "informe"),
    ):
        await page.goto(eva.url + path)
        await looks_right(eva, name)
