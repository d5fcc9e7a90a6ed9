"""Tests the pages of personal data in a real browser: a request is answered, and a text is masked."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest_asyncio
from fastapi import FastAPI
from playwright.async_api import Browser, expect

from bot.agency.model import Agency
from bot.channels.web.own_data.page import own_data_router
from bot.channels.web.pages import pages_router
from bot.channels.web.site import Site
from bot.conversation.addresses import Addresses
from bot.core.messages import Channel, CitizenMessage
from bot.privacy.links import OwnDataLinks
from bot.record.engine import Sessions
from tests.browser.desk_page import DeskPage, looks_right
from tests.desk_world import DeskWorld, desk_world, served
from tests.eventually import PATIENCE_MS
from tests.no_record import mailbox_of
from tests.privacy_requests import PIA, RECEIPT, asked_in_chat
from tests.privacy_world import NAME, places


@pytest_asyncio.fixture
async def world(redis: Any, database: Sessions, agency: Agency, tmp_path: Path) -> AsyncIterator[DeskWorld]:
    async with desk_world(redis, database, agency, home=tmp_path) as made:
        await redis.set("v:restored", "1")
        await made.hire(PIA, "Pía Ley", roles=("privacy",))
        yield made


async def test_request_is_answered_and_the_masking_is_tried(world: DeskWorld, chromium: Browser) -> None:
    await asked_in_chat(world)
    context = await chromium.new_context(locale="es-CL", reduced_motion="reduce")
    context.set_default_timeout(PATIENCE_MS)
    desk = DeskPage(await context.new_page(), world.url)
    page = desk.page
    await page.goto(f"{world.url}/desk/datos")
    await desk.enter(PIA)
    request = page.get_by_role("article", name=RECEIPT)
    await expect(request.get_by_text("Quedan 30 días")).to_be_visible()
    for button in ("Corregir", "Responder"):
        await request.locator("summary").filter(has_text=button).click()
    await looks_right(desk, "register")
    await request.get_by_label("No se acoge").check()
    await request.get_by_label("Respuesta a la persona").fill("El nombre es el que figura en su cédula de identidad.")
    await request.get_by_role("button", name="Enviar y cerrar").click()
    await expect(page.get_by_role("status")).to_have_text(
        "Solicitud respondida, y la persona fue avisada si escribió por el chat."
    )
    await page.locator("summary").filter(has_text=RECEIPT).click()
    await expect(page.get_by_text("Agencia de Protección de Datos Personales")).to_be_visible()
    await looks_right(desk, "answered")
    await page.get_by_role("link", name="Probar qué datos se tapan").click()
    await page.get_by_label("Texto").fill("Soy Ana Soto, rut 12.345.678-5, mi fono es 9 8765 4321")
    await page.get_by_role("button", name="Pruébalo").click()
    await expect(page.get_by_role("status")).to_have_text("Soy ••••, rut ••••, mi fono es +56 9 •••• 4321")
    await looks_right(desk, "masking")
    await context.close()


async def test_own_data_open_from_a_link_whose_token_leaves_the_address(
    redis: Any, database: Sessions, database_url: str, agency: Agency, tmp_path: Path, chromium: Browser
) -> None:
    await redis.set("v:restored", "1")
    said = CitizenMessage(NAME, Channel.WEB, "m1", "busco mis datos", 0)
    await mailbox_of(redis).accept(said)
    app, site = FastAPI(), Site(agency)
    links = OwnDataLinks(Addresses("s" * 40), "")
    app.router.routes.extend(pages_router(site).routes)
    app.include_router(own_data_router(site, links, places(redis, database, database_url, tmp_path).data))
    async with served(app) as url:
        page = await chromium.new_page(reduced_motion="reduce")
        page.set_default_timeout(PATIENCE_MS)
        asked: list[str] = []
        page.on("request", lambda request: asked.append(request.url))
        await page.goto(url + links.address(NAME))
        await expect(page.get_by_text("busco mis datos")).to_be_visible()
        assert page.url == f"{url}/mis-datos"
        assert not [one for one in asked if links.address(NAME)[12:40] in one.partition("#")[0]]
        async with page.expect_download() as saved:
            await page.get_by_role("button", name="Bajar todo (JSON)").click()
        assert (await saved.value).suggested_filename == "mis-datos.json"
        await page.close()
