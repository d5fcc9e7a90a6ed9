"""Tests a public notice from its author's phone to a citizen's open chat, until the notice is lifted."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest_asyncio
from playwright.async_api import Browser, expect

from bot.agency.model import Agency
from bot.channels.web.chats import Conversations
from bot.channels.web.router import WebChat
from bot.channels.web.site import Site
from bot.conversation.files import FILES_FOLDER, Files
from bot.public_notices.follower import NoticeFollower
from bot.public_notices.kept import KeptNotices
from bot.record.engine import Sessions
from bot.store import keys
from tests.browser.axe import serious_async
from tests.browser.chat_page import BELOW_THE_FIELD
from tests.browser.desk_page import ANA, BETO, DeskPage, OpenDesk
from tests.desk_world import DeskWorld, desk_world
from tests.eventually import PATIENCE_MS

SECRET = "s" * 40
FIVE_MINUTES_MS = 300_000
TEXT = "No hay agua en el centro.\nVuelve cerca de las 23:00. Llama al 600 123 4567."


@pytest_asyncio.fixture
async def world(redis: Any, database: Sessions, agency: Agency, tmp_path: Path) -> AsyncIterator[DeskWorld]:
    """Starts the chat, the desk, and the task that shows the notices."""
    async with desk_world(redis, database, agency, home=tmp_path) as made:
        await redis.set(keys.RESTORED, "1")
        for email, name in ((ANA, "Ana Soto"), (BETO, "Beto Díaz")):
            await made.hire(email, name, roles=("supervisor",))
        files = Files(tmp_path / FILES_FOLDER)
        parts = Conversations.from_redis(redis, made.inbox, live=made.live, files=files)
        site = Site(agency, notices=made.board)
        made.app.router.routes.extend(WebChat(conversations=parts, site=site, secret=SECRET).router().routes)
        follower = NoticeFollower(
            made.board,
            KeptNotices(redis),
            database,
            home=tmp_path,
            signed=agency.name,
            name="all",
            channels=("web",),
            keeps=True,
        )
        task = asyncio.create_task(follower.run())
        yield made
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def phone(desk: OpenDesk, email: str, width: int) -> DeskPage:
    return await desk(email, path="/desk/avisos", viewport={"width": width, "height": 740})


async def test_two_phones_publish_and_an_open_chat_shows_it_at_once(
    world: DeskWorld, chromium: Browser, desk: OpenDesk
) -> None:
    context = await chromium.new_context(
        locale="es-CL", viewport={"width": 390, "height": 740}, reduced_motion="reduce"
    )
    context.set_default_timeout(PATIENCE_MS)
    citizen = await context.new_page()
    await citizen.goto(f"{world.url}/{BELOW_THE_FIELD}")
    await citizen.get_by_role("button", name="Abrir el chat").click()
    banner = citizen.locator(".panel .public-notice")

    author, second = await phone(desk, ANA, 320), await phone(desk, BETO, 390)
    await author.page.get_by_label("Qué pasa y qué hacer").fill(TEXT)
    await expect(author.page.locator("#contados-nuevo")).to_contain_text(f"{len(TEXT)} de 1.200")
    await author.page.get_by_label("Cómo lo preguntan las personas").fill(f"sin {'agua' * 20}")
    await expect(author.page.locator("#horas-nuevo")).to_have_value("12")
    await author.page.get_by_role("radio", name="Grave").check()
    await expect(author.page.locator("#horas-nuevo")).to_have_value("4")
    assert await author.serious() == []
    assert await author.sideways_scroll_px() <= 0
    await author.page.get_by_role("button", name="Guardar y pedir visto bueno").click()
    await expect(author.page.get_by_text("Lo escribiste tú")).to_be_visible()
    await expect(author.page.get_by_text("También lo recibe quien pregunte algo parecido a: sin agua")).to_be_visible()
    assert await author.sideways_scroll_px() <= 0

    alone = author.page.get_by_role("button", name="Publicar sin segunda persona")
    await author.page.clock.install()
    await author.page.reload()
    await expect(alone).to_be_hidden()
    await author.page.clock.fast_forward(FIVE_MINUTES_MS)
    await expect(alone).to_be_visible()

    await second.page.reload()
    await expect(banner).to_have_count(0)
    await second.page.get_by_role("button", name="Dar el visto bueno y publicar").click()
    await expect(banner).to_contain_text("Vuelve cerca de las 23:00.")
    await expect(banner).to_have_role("alert")
    await expect(banner).to_contain_text(f"{world.agency.name}, ")
    await expect(citizen.locator("[data-ventanilla-notices]")).to_contain_text("No hay agua en el centro.")
    for shown in (banner, citizen.locator("[data-ventanilla-notices]")):
        await expect(shown.get_by_role("link", name="600 123 4567")).to_have_attribute("href", "tel:6001234567")
    await citizen.reload()  # now as the server renders it
    place = citizen.locator("[data-ventanilla-notices]")
    await expect(place.get_by_role("link", name="600 123 4567")).to_have_attribute("href", "tel:6001234567")
    await expect(second.page.locator("#proof")).to_contain_text("1 de 1 proceso y 1 de 1 canal")
    assert [await serious_async(citizen), await second.serious(), await second.sideways_scroll_px()] == [[], [], 0]
    await author.page.clock.fast_forward(FIVE_MINUTES_MS)  # the page looks again every two seconds
    await expect(author.page.get_by_text("Alguien cambió, publicó o terminó un aviso")).to_be_in_viewport()
    assert [await author.serious(), await author.sideways_scroll_px()] == [[], 0]

    await second.page.get_by_role("button", name="Levantar ahora").click()
    await expect(banner).to_have_count(0)
    await expect(citizen.locator("[data-ventanilla-notices]")).to_be_hidden()
    await context.close()
