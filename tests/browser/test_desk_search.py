"""Tests search at the desk, reading a past conversation, the citizen's card and the agent's figures of the day."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any
from uuid import uuid4

import pytest_asyncio
from playwright.async_api import expect

from bot.agency.model import Agency
from bot.conversation.change import Change
from bot.core.messages import Speaker
from bot.desk.queries.closings import CloseIn, Closings
from bot.record.engine import Sessions
from tests.browser.desk_page import BETO, OpenDesk, looks_right
from tests.desk_world import DeskWorld, desk_world
from tests.integration.past_conversations import recorded
from tests.recording import recording, until_recorded

# In how many columns the values of the two lists stand; read at once, since the page draws them anew.
COLUMNS = """() => new Set(["why", "card"].map(
  (one) => document.querySelector(`#${one}-facts dd`).getBoundingClientRect().x)).size"""


@pytest_asyncio.fixture
async def world(redis: Any, database: Sessions, agency: Agency) -> AsyncIterator[DeskWorld]:
    async with desk_world(redis, database, agency) as made:
        await made.hire(BETO, "Beto Díaz")
        yield made


async def test_past_conversation_is_found_and_read(world: DeskWorld, desk: OpenDesk) -> None:
    await recorded(world, "c1", ("citizen", "se me perdió la <b>licencia</b>"), ("assistant", "Pide **hora**."))
    beto = await desk(BETO)
    await beto.page.keyboard.press("/")
    await beto.page.keyboard.type("licencia")
    result = beto.page.locator("#found a")
    await expect(result).to_have_count(1)
    await expect(result.locator("mark")).to_contain_text("licencia")
    await expect(beto.page.locator("#found .empty")).to_have_text("1 conversación")
    assert await beto.serious() == []
    await beto.page.keyboard.press("ArrowDown")
    await beto.page.keyboard.press("Enter")
    await expect(beto.log.locator(".citizen .bubble")).to_have_text("se me perdió la <b>licencia</b>")
    await expect(beto.log.locator(".hit mark")).to_have_text("licencia")
    await expect(beto.page.locator("#read-only")).to_have_text("Conversación anterior, sólo para leer.")
    await expect(beto.box).to_be_hidden()
    await expect(beto.take).to_be_hidden()
    assert await beto.serious() == []
    await beto.page.get_by_text("Acotar la búsqueda").click()
    assert await beto.serious() == []
    await beto.page.locator("#search-filters").get_by_label("Canal").select_option(label="Telegram")
    await expect(result).to_have_count(0)
    await beto.page.get_by_role("button", name="Quitar filtros").last.click()
    await expect(result).to_have_count(1)
    await beto.page.get_by_label("Buscar en las conversaciones").fill("")
    await expect(beto.section("waiting")).to_be_visible()


async def test_conversation_closed_today_is_found_by_a_button_and_reopened(world: DeskWorld, desk: OpenDesk) -> None:
    phone = {"width": 320, "height": 760}
    ticket = await world.wait_for_person("mi licencia")
    beto = await desk(BETO, viewport=phone)
    await beto.take_ticket(ticket.id)
    await beto.page.locator("#close").click()
    await beto.page.get_by_role("radio", name="Resuelta").check()
    await beto.page.locator("#confirm-close").click()
    await expect(beto.row(ticket.id)).to_have_count(0)
    async with recording(world.redis, world.sessions):
        await until_recorded(world.redis)
    await beto.page.goto(f"{beto.url}/desk")
    await beto.page.get_by_role("button", name="Cerradas hoy").click()
    result = beto.page.locator("#found a")
    await expect(result).to_have_count(1)
    await expect(result).to_contain_text("Resuelta")
    await looks_right(beto, "found")
    await expect(result).to_be_visible()
    await beto.page.set_viewport_size(phone)  # type: ignore[arg-type]
    await result.click()
    await expect(beto.log.locator(".citizen .bubble")).to_have_text("mi licencia")
    await expect(beto.page.get_by_role("button", name="Reabrir")).to_be_visible()
    await beto.page.set_viewport_size({"width": 1280, "height": 760})
    await beto.page.get_by_role("button", name="Reabrir").click()
    await expect(beto.box).to_be_visible()
    (again,) = await world.tickets.claimed()
    assert again.owner
    assert (again.owner.name, again.summary, again.id == ticket.id) == ("Beto Díaz", "mi licencia", False)


async def test_citizen_facts_are_shown_and_kept_up_to_date(world: DeskWorld, desk: OpenDesk) -> None:
    ticket = await world.wait_for_person("mwen bezwen èd", idioma="ht", segmento="adulto-mayor")
    beto = await desk(BETO)
    await expect(beto.row(ticket.id)).to_contain_text("creole haitiano")
    await beto.open(ticket.id)
    card = beto.page.locator("#card-facts")
    await expect(card).to_have_text("Escribe encreole haitianoDijoAdulto mayor")
    await expect(beto.page.locator("#why-facts dd").first).to_be_visible()
    assert await beto.page.evaluate(COLUMNS) == 1
    said = await world.say(ticket.conversation, "eu falo português")
    change = Change(known={"idioma": "pt"})
    assert await world.inbox.commit([said], (), speaker=Speaker.WAITING, change=change) == "ok"
    await expect(card).to_contain_text("portugués")
    await expect(beto.row(ticket.id)).to_contain_text("portugués")
    assert await beto.serious() == []


async def test_card_and_daily_figures_are_shown(world: DeskWorld, desk: OpenDesk) -> None:
    ticket = await world.wait_for_person("otra vez yo")
    await recorded(world, ticket.conversation, ("citizen", "hola"), team="aseo", owner_name="Ana Soto")
    said = CloseIn(summary="Espera el camión del martes")
    await Closings(world.sessions).note(
        f"t-{ticket.conversation}", uuid4(), said, team="aseo", conversation=ticket.conversation
    )
    beto = await desk(BETO)
    await beto.open(ticket.id)
    await expect(beto.page.locator("#contacts li")).to_contain_text("reclamo")
    await expect(beto.page.locator("#contacts li")).to_contain_text("«Espera el camión del martes»")
    await expect(beto.page.locator("#card-since")).to_contain_text("Escribió por primera vez:")
    await beto.page.locator("#account summary").click()
    await expect(beto.page.locator("#day dd")).to_have_text(["0", "0", "–", "–"])
    assert await beto.serious() == []
