"""Tests the desk's countdown of WhatsApp's 24-hour window and what can be sent after it."""

from __future__ import annotations

import re
import time
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import expect

from bot.agency.model import Agency
from bot.agency.whatsapp_templates import Templates
from bot.core.errors.messages import SendRefused
from bot.core.events import Event
from bot.core.messages import Channel, Handoff, HandoffReason
from bot.record.engine import Sessions
from tests.browser.desk_page import ANA, OpenDesk
from tests.desk_faq import LICENCE
from tests.desk_world import DeskWorld, desk_world

MINUTE_MS = 60_000
TERE = "tere@losaromos.example"
FOR_TRAFFIC = Handoff(HandoffReason.ASKED_HUMAN, team="transito")


async def left(world: DeskWorld, conversation: str, minutes: float) -> None:
    """Sets the minutes left of the 24-hour window, whose last minute does not count.

    Pages show whole minutes, rounded down: with .95 of one, a slow machine has almost a minute to show them.
    """
    at = time.time() * 1000 - (24 * 60 - minutes - 1) * MINUTE_MS
    await world.redis.hset(f"v:conv:{conversation}", "inbound_at", int(at))


@pytest.mark.parametrize(
    ("minutes", "state", "head", "row"),
    [
        (600.95, "open", "Quedan 10 h 0 min para responder", ""),
        (132.95, "open", "Quedan 2 h 12 min para responder", "quedan 2 h 12 min"),
        (
            25.95,
            "soon",
            "Quedan 25 min para responder. Después, WhatsApp no deja escribirle libremente.",
            "quedan 25 min",
        ),
        (-1, "closed", "Pasaron 24 horas desde su último mensaje. No hay una plantilla aprobada", "pasaron 24 h"),
    ],
)
async def test_header_always_shows_the_window_and_the_list_from_three_hours_before(
    world: DeskWorld, desk: OpenDesk, minutes: float, state: str, head: str, row: str
) -> None:
    ticket = await world.wait_for_person("necesito a alguien", channel=Channel.WHATSAPP)
    await left(world, ticket.conversation, minutes)
    ana = await desk(ANA)
    await ana.open(ticket.id)
    line = ana.page.locator("#window")
    await expect(line).to_have_attribute("data-state", state)
    assert head in await line.inner_text()
    badge = ana.row(ticket.id).locator(".window")
    assert (await badge.inner_text() if await badge.is_visible() else "") == row
    assert await ana.row(ticket.id).locator(".row-top > .icon").get_attribute("aria-label") == "WhatsApp"


async def as_the_template_says(event: Event) -> str:
    """Replaces WhatsApp's preview: renders a reply in the template and refuses texts of more than 100 characters."""
    if len(event.text) > 100:
        raise SendRefused("too_long")
    return f"Respuesta de Los Aromos: *{event.message.name}:* {event.text} Gracias por esperar."


@pytest_asyncio.fixture
async def templated(redis: Any, database: Sessions, agency: Agency) -> AsyncIterator[DeskWorld]:
    """Starts a desk whose agency has an approved template."""
    agency = replace(agency, templates=Templates(answer="HX" + "a" * 32))
    async with desk_world(redis, database, agency, preview=as_the_template_says) as made:
        await made.hire(TERE, "Tere Paz", teams=("transito",))
        yield made


async def test_reply_after_the_window_is_previewed_as_the_template_renders_it(
    templated: DeskWorld, desk: OpenDesk
) -> None:
    ticket = await templated.wait_for_person("necesito a alguien", channel=Channel.WHATSAPP, handoff=FOR_TRAFFIC)
    await left(templated, ticket.conversation, 600)
    tere = await desk(TERE, url=templated.url)
    await tere.take_ticket(ticket.id)
    shown = tere.page.locator("#preview")
    await tere.box.fill("Ya está listo.")
    await expect(shown).to_be_hidden()
    await left(templated, ticket.conversation, -60)
    await tere.page.reload()
    await expect(shown.locator(".bubble")).to_have_text(
        "Respuesta de Los Aromos: Tere Paz: Ya está listo. Gracias por esperar."
    )
    await tere.box.fill("muy largo " * 20)
    await expect(shown.locator(".refusal")).to_contain_text("Así no saldrá: en la plantilla caben 900 caracteres")
    await expect(shown.locator(".bubble")).to_be_hidden()
    assert (await tere.serious(), await tere.sideways_scroll_px()) == ([], 0)
    await tere.box.fill("")
    await expect(shown).to_be_hidden()


async def test_entry_after_the_window_is_inserted_and_not_sent_unseen(templated: DeskWorld, desk: OpenDesk) -> None:
    templated.faq.entries = (LICENCE,)
    ticket = await templated.wait_for_person("necesito a alguien", channel=Channel.WHATSAPP, handoff=FOR_TRAFFIC)
    await left(templated, ticket.conversation, -60)
    tere = await desk(TERE, url=templated.url)
    await tere.take_ticket(ticket.id)
    await tere.box.fill("/licencia")
    await expect(tere.page.locator("#picker [data-option]")).to_contain_text(LICENCE.question)
    await tere.box.press("Control+Enter")
    await expect(tere.box).to_have_value(re.compile("^Pide hora en línea"))
    assert [one.author for one in await templated.inbox.events(ticket.conversation) if one.author == "staff"] == []


async def test_countdown_is_readable_on_a_phone_and_opens_again_with_the_citizens_message(
    world: DeskWorld, desk: OpenDesk
) -> None:
    ticket = await world.wait_for_person("necesito a alguien", channel=Channel.WHATSAPP)
    await left(world, ticket.conversation, -60)
    ana = await desk(ANA, viewport={"width": 320, "height": 640})
    assert (await ana.serious(), await ana.sideways_scroll_px()) == ([], 0)
    await ana.open(ticket.id)
    assert (await ana.serious(), await ana.sideways_scroll_px()) == ([], 0)
    await ana.page.set_viewport_size({"width": 1280, "height": 720})  # where the row is beside the conversation
    await expect(ana.page.locator("#window")).to_have_attribute("data-state", "closed")
    await expect(ana.row(ticket.id).locator(".window")).to_be_visible()
    await world.say(ticket.conversation, "sigo aquí", Channel.WHATSAPP)
    await expect(ana.page.locator("#window")).to_have_text(re.compile("^Quedan 23 h 5[5-9] min para responder$"))
    await expect(ana.row(ticket.id).locator(".window")).to_be_hidden()


async def test_web_conversation_has_no_countdown(world: DeskWorld, desk: OpenDesk) -> None:
    ticket = await world.wait_for_person("persona")
    ana = await desk(ANA)
    await ana.open(ticket.id)
    await expect(ana.page.locator("#window")).to_be_hidden()
