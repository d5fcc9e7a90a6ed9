"""Tests that a crowded desk stays readable, and that what was just closed can be undone."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest_asyncio
from playwright.async_api import expect

from bot.agency.model import Agency
from bot.conversation.change import Change, Note
from bot.core.event_facts import ComplaintFacts
from bot.core.events import EventKind
from bot.core.messages import Handoff, HandoffReason, Priority, Reply, Speaker
from bot.record.engine import Sessions
from bot.store import keys
from bot.tickets.staff_notices import NoticeKind, StaffNotices
from tests.browser.desk_page import ANA, OpenDesk
from tests.browser.late import HOLD, NO_POLLING, held, let_go
from tests.desk_world import DeskWorld, desk_world
from tests.eventually import eventually
from tests.recording import recording, until_recorded

COMPLAINT = Handoff(HandoffReason.COMPLAINT, Priority.HIGH, "aseo")
FIRE = Handoff(HandoffReason.EMERGENCY, Priority.EMERGENCY, "seguridad")
PHONE = {"width": 320, "height": 700}
EMERGENCIES_READ = "() => performance.getEntriesByType('resource').some((one) => one.name.endsWith('/emergencies'))"
CUT = "one => one.scrollWidth > one.clientWidth"


@pytest_asyncio.fixture
async def world(redis: Any, database: Sessions, agency: Agency) -> AsyncIterator[DeskWorld]:
    async with desk_world(redis, database, agency) as made:
        await made.hire(ANA, "Ana Soto")
        yield made


async def complain(world: DeskWorld, number: str) -> None:
    """Files a complaint of another citizen."""
    message = await world.say("other", "enviar")
    change = Change(note=Note(EventKind.COMPLAINT_FILED, ComplaintFacts(number, "aseo", "un hoyo")))
    done = await world.inbox.commit([message], (Reply("Listo."),), speaker=Speaker.ASSISTANT, change=change)
    assert done == "ok"


async def test_row_with_a_reason_and_a_team_shows_no_rest_of_a_nickname(world: DeskWorld, desk: OpenDesk) -> None:
    complaint, other = await world.wait_for_person("no pasa", handoff=COMPLAINT), await world.wait_for_person("hola")
    ana = await desk(ANA)
    names = [await ana.row(one.id).locator(".nickname").bounding_box() for one in (complaint, other)]
    assert [bool(box and box["width"] > 1) for box in names] == [False, True]
    await expect(ana.row(complaint.id).locator(".number")).to_have_text(f"#{complaint.id}")
    assert not await ana.row(complaint.id).locator(".number").evaluate(CUT)


async def test_conversation_has_room_on_a_phone(world: DeskWorld, desk: OpenDesk) -> None:
    ticket = await world.wait_for_person("no pasa el camión", handoff=COMPLAINT)
    ana = await desk(ANA, viewport=PHONE, color_scheme="dark")
    (agent,) = await eventually(lambda: world.redis.smembers(keys.AGENTS))  # after the first heartbeat
    told = StaffNotices(world.redis)
    await told.notify([agent], NoticeKind.PUBLIC_NOTICE, "Rige un aviso", "Corte de agua", page="/desk/avisos")
    for number in (1, 2):
        words = f"La falla {number} atrasó mensajes de varias personas"
        await told.notify([agent], NoticeKind.FAULT, words, "de 10:00 a 10:20, en WhatsApp")
    await expect(ana.page.locator("#staff-notices li")).to_have_count(3)
    await complain(world, "482-913")
    lines = ana.page.locator("#staff-notices li")
    await expect(lines).to_contain_text(["Rige un aviso", "Llegó un reclamo: 482-913", "La falla 2", "La falla 1"])
    others = ana.page.locator("#staff-notices .others")
    await expect(others).to_be_hidden()  # all are in sight
    await ana.open(ticket.id)
    await ana.page.locator("#why summary").click()
    await ana.take.click()
    await expect(ana.box).to_be_visible()
    notices = await ana.page.locator("#staff-notices").bounding_box()
    assert notices and notices["height"] < 60  # one line
    await expect(lines.first).to_contain_text("Rige un aviso")
    await expect(others).to_have_text("+3")
    for one in (others, lines.first.get_by_role("link"), lines.first.get_by_role("button")):
        await expect(one).to_be_in_viewport(ratio=1)
    assert await ana.page.locator("#why").get_attribute("open") is None
    shown = ana.page.locator("#talk-title span").last
    await expect(shown).to_have_text(f"#{ticket.id}")
    await expect(shown).to_be_in_viewport(ratio=1)
    assert (await ana.serious(), await ana.sideways_scroll_px()) == ([], 0)


async def test_closing_is_undone_where_it_was_done(world: DeskWorld, desk: OpenDesk) -> None:
    ticket = await world.wait_for_person("mi licencia")
    ana = await desk(ANA, viewport=PHONE)
    await ana.take_ticket(ticket.id)
    await ana.page.get_by_label("Más acciones").click()
    await ana.page.get_by_role("button", name="Esperar a la persona").click()
    await expect(ana.page.locator("#talk-meta")).to_contain_text("En pausa")
    await ana.page.locator("#close").click()
    await ana.page.get_by_role("radio", name="Resuelta").check()
    await ana.page.locator("#confirm-close").click()
    again = ana.page.get_by_role("button", name="Reabrir")
    await expect(again).to_be_visible()
    await expect(ana.page.locator("#talk-meta")).not_to_contain_text("En pausa")
    async with recording(world.redis, world.sessions):
        await until_recorded(world.redis)
    await again.click()
    await expect(ana.box).to_be_visible()
    await expect(ana.section("mine").locator(".row")).to_have_count(1)


async def test_emergency_in_sight_has_no_line_above_when_the_page_opens(world: DeskWorld, desk: OpenDesk) -> None:
    fire = await world.wait_for_person("hay fuego", handoff=FIRE)
    ana = await desk()
    await ana.page.add_init_script(NO_POLLING)
    await ana.page.add_init_script(f"({HOLD})(['/desk/api/tickets', 1])")
    await ana.sign_in(ANA)
    await held(ana.page)
    await let_go(ana.page)
    await expect(ana.row(fire.id)).to_be_visible()
    await ana.page.wait_for_function(EMERGENCIES_READ)
    await expect(ana.page.locator("#unclaimed")).to_be_hidden()
