"""The desk counts down WhatsApp's 24-hour window, in words, and says what can go out after it."""

from __future__ import annotations

import re
import time

import pytest
from playwright.async_api import expect

from bot.messages import Channel
from tests.browser.test_desk import ANA, OpenDesk, desk, world
from tests.desk_world import DeskWorld

__all__ = ["desk", "world"]

MINUTE_MS = 60_000


async def left(world: DeskWorld, conversation: str, minutes: float) -> None:
    """So much of the window is left, of which the last minute does not count."""
    at = time.time() * 1000 - (24 * 60 - minutes - 1) * MINUTE_MS
    await world.redis.hset(f"v:conv:{conversation}", "inbound_at", int(at))


@pytest.mark.parametrize(
    ("minutes", "state", "head", "row"),
    [
        (600.5, "open", "Quedan 10 h 0 min para responder", ""),
        (132.5, "open", "Quedan 2 h 12 min para responder", "quedan 2 h 12 min"),
        (
            25.5,
            "soon",
            "Quedan 25 min para responder. Después, WhatsApp no deja escribirle libremente.",
            "quedan 25 min",
        ),
        (-1, "closed", "Pasaron 24 horas desde su último mensaje. No hay una plantilla aprobada", "pasaron 24 h"),
    ],
)
async def test_the_head_always_tells_and_the_list_from_three_hours_before(
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
    assert await ana.row(ticket.id).locator(".row-main .icon").get_attribute("aria-label") == "WhatsApp"


async def test_a_word_of_the_citizen_opens_it_again_at_once(world: DeskWorld, desk: OpenDesk) -> None:
    ticket = await world.wait_for_person("necesito a alguien", channel=Channel.WHATSAPP)
    await left(world, ticket.conversation, -60)
    ana = await desk(ANA)
    await ana.open(ticket.id)
    await expect(ana.page.locator("#window")).to_have_attribute("data-state", "closed")
    await world.say(ticket.conversation, "sigo aquí", Channel.WHATSAPP)
    await expect(ana.page.locator("#window")).to_have_text(re.compile("^Quedan 23 h 5[89] min para responder$"))
    await expect(ana.row(ticket.id).locator(".window")).to_be_hidden()


async def test_it_is_readable_and_fits_a_phone(world: DeskWorld, desk: OpenDesk) -> None:
    ticket = await world.wait_for_person("necesito a alguien", channel=Channel.WHATSAPP)
    await left(world, ticket.conversation, -60)
    ana = await desk(ANA, viewport={"width": 320, "height": 640})
    assert (await ana.serious(), await ana.sideways_scroll_px()) == ([], 0)
    await ana.open(ticket.id)
    assert (await ana.serious(), await ana.sideways_scroll_px()) == ([], 0)


async def test_a_web_conversation_has_no_countdown(world: DeskWorld, desk: OpenDesk) -> None:
    ticket = await world.wait_for_person("persona")
    ana = await desk(ANA)
    await ana.open(ticket.id)
    await expect(ana.page.locator("#window")).to_be_hidden()
