"""Tests attaching a picture or a PDF at the desk: chosen, dropped or pasted; previewed; sent once."""

from __future__ import annotations

import base64
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest_asyncio
from playwright.async_api import expect

from bot.agency.model import Agency
from bot.conversation.files import kept_of
from bot.core.messages import Channel
from bot.record.engine import Sessions
from tests.browser.desk_page import ANA, DeskPage, OpenDesk
from tests.browser.pictures import PICTURE
from tests.desk_world import DeskWorld, desk_world

GIVE = """(box, [kind, name, type, base64]) => {
  const bytes = Uint8Array.from(atob(base64), (one) => one.charCodeAt(0));
  const given = new DataTransfer();
  given.items.add(new File([bytes], name, { type }));
  const options = { bubbles: true, cancelable: true };
  if (kind === "paste") box.dispatchEvent(new ClipboardEvent("paste", { ...options, clipboardData: given }));
  else box.dispatchEvent(new DragEvent("drop", { ...options, dataTransfer: given }));
}"""


@pytest_asyncio.fixture
async def world(redis: Any, database: Sessions, agency: Agency, tmp_path: Path) -> AsyncIterator[DeskWorld]:
    async with desk_world(redis, database, agency, home=tmp_path) as made:
        await made.hire(ANA, "Ana Soto")
        yield made


async def give(ana: DeskPage, kind: str, name: str, content: bytes, type: str) -> None:
    await ana.box.evaluate(GIVE, [kind, name, type, base64.b64encode(content).decode()])


async def sent(world: DeskWorld, conversation: str) -> list[tuple[str, str]]:
    feed = await world.inbox.events(conversation)
    return [(file.name, event.text) for event in feed for file in kept_of(event)]


async def choose(ana: DeskPage, way: str, name: str) -> None:
    if way != "button":
        return await give(ana, way, name, PICTURE, "image/png")
    async with ana.page.expect_file_chooser() as chooser:
        await ana.page.get_by_role("button", name="Adjuntar una foto o un PDF").click()
    await (await chooser.value).set_files([{"name": name, "mimeType": "image/png", "buffer": PICTURE}])


async def test_attachment_is_chosen_previewed_and_sent_with_its_text(world: DeskWorld, desk: OpenDesk) -> None:
    ticket = await world.wait_for_person("persona")
    ana = await desk(ANA)
    await ana.take_ticket(ticket.id)
    chosen = ana.page.get_by_role("group", name="Archivo que irá con tu respuesta")
    files = {way: (f"{way}.png", f"Este es el plano {way}") for way in ("button", "drop", "paste")}
    for way, (name, text) in files.items():
        await choose(ana, way, name)
        await expect(chosen).to_contain_text(name)
        assert await chosen.locator("img").evaluate("image => image.decode().then(() => image.naturalWidth)") == 2
        assert await ana.serious() == []
        await ana.reply(text)
        await expect(ana.log.get_by_role("link", name=name)).to_be_visible()
        await expect(ana.log.locator(".pending")).to_have_count(0)
        await expect(chosen).to_be_hidden()
    assert await sent(world, ticket.conversation) == list(files.values())


async def test_attachment_can_be_removed_and_needs_no_text(world: DeskWorld, desk: OpenDesk) -> None:
    ticket = await world.wait_for_person("persona")
    ana = await desk(ANA)
    await ana.take_ticket(ticket.id)
    await give(ana, "drop", "malo.pdf", b"%PDF-1.7", "application/pdf")
    await ana.page.get_by_role("button", name="Quitar malo.pdf").click()
    await expect(ana.box).to_be_focused()
    await give(ana, "drop", "bueno.pdf", b"%PDF-1.7", "application/pdf")
    await ana.box.press("Enter")
    await expect(ana.log.get_by_role("link", name="bueno.pdf")).to_be_visible()
    assert await sent(world, ticket.conversation) == [("bueno.pdf", "Archivo: bueno.pdf (1 KB)")]


async def test_disallowed_file_is_refused_with_a_reason(world: DeskWorld, desk: OpenDesk) -> None:
    ticket = await world.wait_for_person("persona")
    ana = await desk(ANA)
    await ana.take_ticket(ticket.id)
    told = ana.page.locator("#attach-refusal")
    await give(ana, "drop", "planilla.xlsx", b"PK", "")
    await expect(told).to_have_text("Puedes adjuntar fotos (JPG, PNG) y documentos PDF.")
    await give(ana, "drop", "falso.png", b"MZ", "image/png")
    await ana.box.press("Enter")
    await expect(ana.log.locator(".pending.failed")).to_contain_text("Revisa que el archivo sea lo que dice su nombre.")
    await ana.page.get_by_role("button", name="Descartar").click()
    assert await sent(world, ticket.conversation) == []


async def test_whatsapp_without_a_public_address_explains_why_files_are_off(world: DeskWorld, desk: OpenDesk) -> None:
    ticket = await world.wait_for_person("persona", channel=Channel.WHATSAPP)
    ana = await desk(ANA, viewport={"width": 320, "height": 640})
    await ana.take_ticket(ticket.id)
    await ana.page.get_by_role("button", name="Adjuntar").click()
    await expect(ana.page.locator("#attach-refusal")).to_contain_text("no está configurada (PUBLIC_URL)")
    assert (await ana.serious(), await ana.sideways_scroll_px()) == ([], 0)


async def test_lost_connection_sends_the_attachment_later_and_once(world: DeskWorld, desk: OpenDesk) -> None:
    ticket = await world.wait_for_person("persona")
    ana = await desk(ANA)
    await ana.take_ticket(ticket.id)
    await ana.page.context.set_offline(True)
    await give(ana, "paste", "plano.png", PICTURE, "image/png")
    await ana.reply("Este es el plano")
    await expect(ana.log.locator(".pending")).to_contain_text("Archivo: plano.png")
    await ana.page.context.set_offline(False)
    await expect(ana.log.get_by_role("link", name="plano.png")).to_have_count(1)
    await expect(ana.log.locator(".pending")).to_have_count(0)
    assert await sent(world, ticket.conversation) == [("plano.png", "Este es el plano")]


async def test_reply_that_waits_for_the_connection_can_be_discarded(world: DeskWorld, desk: OpenDesk) -> None:
    ticket = await world.wait_for_person("persona")
    ana = await desk(ANA)
    await ana.take_ticket(ticket.id)
    await ana.page.context.set_offline(True)
    await ana.reply("mejor no")
    await ana.log.locator(".pending").get_by_role("button", name="Descartar").click()
    await expect(ana.log.locator(".pending")).to_have_count(0)
    await ana.page.context.set_offline(False)
    await ana.reply("mejor así")
    await expect(ana.log.locator(".staff .bubble")).to_have_text(["mejor así"])
