"""Tests in a real browser that a removed message vanishes from the desk, the chat and the chat's saved copy."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest_asyncio
from playwright.async_api import Browser, expect
from playwright.sync_api import Page
from playwright.sync_api import expect as sync_expect

from bot.agency.model import Agency
from bot.conversation.event_log_entry import event_from
from bot.core.messages import Author
from bot.privacy.removed_words import RemovedWords
from bot.privacy.rewriting import rewriting_of
from bot.record.engine import Sessions
from bot.store import keys
from bot.store.client import open_redis
from bot.store.scripts import Script
from tests.browser.chat_page import choose_from_menu, log, open_chat, send
from tests.browser.desk_page import ANA, SHOTS, DeskPage, OpenDesk, looks_right
from tests.chat_world import ChatServer
from tests.desk_world import DeskWorld, desk_world
from tests.eventually import PATIENCE_MS
from tests.recording import recording, until_recorded
from tests.transcripts import SECRET

WORDS = "mi clave es xylofonito"
PIA = "pia@losaromos.example"


@pytest_asyncio.fixture
async def world(redis: Any, database: Sessions, agency: Agency, tmp_path: Path) -> AsyncIterator[DeskWorld]:
    async with desk_world(redis, database, agency, home=tmp_path) as made:
        await made.hire(ANA, "Ana Soto")
        await made.hire(PIA, "Pía Ley", roles=("privacy",))
        yield made


async def test_agent_removes_a_message_with_the_keyboard(world: DeskWorld, desk: OpenDesk) -> None:
    ticket = await world.wait_for_person(WORDS)
    ana = await desk(ANA, viewport={"width": 1280, "height": 900})
    await ana.open(ticket.id)
    removing = ana.log.get_by_role("button", name="Eliminar el mensaje")
    await expect(ana.log.get_by_text(WORDS)).to_be_visible()
    await expect(removing).to_have_count(0)
    await ana.take.click()
    await expect(ana.box).to_be_focused()
    await removing.first.focus()
    await ana.page.keyboard.press("Enter")
    dialog = ana.page.get_by_role("alertdialog", name="¿Eliminar este mensaje?")
    await expect(dialog).to_contain_text("queda en su teléfono")
    assert await ana.serious() == []
    if SHOTS:
        await ana.page.screenshot(path=f"{SHOTS}/remove-dialog.png")
    await ana.page.keyboard.press("Escape")
    await expect(ana.log.get_by_text(WORDS)).to_be_visible()
    await removing.first.click()
    await dialog.get_by_role("button", name="Sí, eliminar").click()
    await expect(ana.log.get_by_text("Mensaje eliminado, ")).to_contain_text("Ana Soto")
    await expect(ana.page.locator("body")).not_to_contain_text("xylofonito")
    events = await world.inbox.events(ticket.conversation)
    assert [one.text for one in events if one.author is Author.CITIZEN] == [""]
    for width, scheme in ((320, "dark"), (1280, "light")):
        await ana.page.set_viewport_size({"width": width, "height": 900})
        await ana.page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
        assert (await ana.serious(), await ana.sideways_scroll_px() <= 0) == ([], True)
        if SHOTS:
            await ana.page.screenshot(path=f"{SHOTS}/removed-{width}.png")


async def test_page_for_removing_looks_right(world: DeskWorld, chromium: Browser) -> None:
    ticket = await world.wait_for_person(f"{WORDS} {'x' * 90}")
    async with recording(world.redis, world.sessions):
        await until_recorded(world.redis)
    context = await chromium.new_context(locale="es-CL", reduced_motion="reduce")
    context.set_default_timeout(PATIENCE_MS)
    desk = DeskPage(await context.new_page(), world.url)
    await desk.page.goto(f"{world.url}/desk/mensajes")
    await desk.enter(PIA)
    await desk.page.get_by_label("Número de la atención").fill(ticket.id)
    await desk.page.get_by_role("button", name="Ver sus mensajes").click()
    await looks_right(desk, "removing")
    await desk.page.get_by_role("button", name="Eliminar").first.click()
    await desk.page.get_by_role("button", name="Sí, eliminar").click()
    await expect(desk.page.get_by_role("status")).to_contain_text("Mensaje eliminado")
    await context.close()


async def removed(redis_url: str) -> None:
    """Removes the citizen's message of the only conversation, as the desk does."""
    redis = open_redis(redis_url, SECRET)
    try:
        (key,) = (await redis.scan(0, match=keys.log_key("*"), count=1000))[1]
        name = key.rpartition(":")[2]
        events = [event_from(name, *redis.words.opened(name, row)) for row in await redis.xrange(key)]
        event = next(one for one in events if one.text == WORDS)
        message_id = event.message.message_id
        gone = {"removed_by": "Ana Soto", "removed_at": 1795000000000, "message_id": message_id}
        new = await rewriting_of(redis, event, RemovedWords.of(WORDS), [], [])
        done = await Script(redis, "remove_message")(
            conversation=name,
            event=event.id,
            message_id=message_id,
            stub=json.dumps(gone),
            facts=json.dumps({"of": event.id, "by": "Ana Soto"}),
            log=new.log,
            lists=new.lists,
            hashes=new.hashes,
        )
        assert done == "removed"
    finally:
        await redis.aclose()


def test_citizen_sees_the_line_about_the_removal_at_once_and_after_a_reload(
    server: ChatServer, page: Page, redis_url: str
) -> None:
    open_chat(page, server.url)
    send(page, WORDS)
    sync_expect(log(page).get_by_text(f"eco: {WORDS}")).to_be_visible()
    with ThreadPoolExecutor(1) as apart:  # this thread has Playwright's event loop
        apart.submit(asyncio.run, removed(redis_url)).result()
    line = log(page).locator(".citizen .b")
    sync_expect(line).to_contain_text("Mensaje eliminado a las")
    sync_expect(line).to_contain_text("por Ana Soto")
    sync_expect(log(page)).not_to_contain_text("xylofonito")
    with page.expect_download() as download:
        choose_from_menu(page, "Descargar la conversación")
    saved = Path(download.value.path()).read_text(encoding="utf-8")
    assert "Mensaje eliminado a las" in saved
    assert "xylofonito" not in saved
    if SHOTS:
        page.screenshot(path=f"{SHOTS}/chat-removed.png")
    page.reload()
    sync_expect(log(page).locator(".citizen .b")).to_contain_text("Mensaje eliminado a las")
    sync_expect(log(page)).not_to_contain_text("xylofonito")
