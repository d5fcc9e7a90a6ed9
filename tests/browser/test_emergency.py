"""Tests an emergency from the citizen's phone to the desk, by day and at night; only Rasa is stubbed."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Locator, Page, expect

from bot.agency.model import Agency
from bot.channels.web.chats import Conversations
from bot.channels.web.router import WebChat
from bot.channels.web.site import Site
from bot.conversation.files import FILES_FOLDER, Files
from bot.handoff.forecast import Forecasts
from bot.handoff.notices import WaitingNotices
from bot.record.engine import Sessions
from bot.store import keys
from tests.agency_hours import OPENS, at_night, by_day
from tests.alarm_peers import AlarmPeers, alarm_peers
from tests.browser.axe import serious_async
from tests.browser.chat_page import BELOW_THE_FIELD
from tests.browser.desk_page import ANA, DeskPage, OpenDesk
from tests.desk_world import DeskWorld, desk_world
from tests.eventually import PATIENCE_MS, eventually
from tests.integration.worker_process import make_worker

SECRET = "s" * 40
WORDS = "me quiero morir ya no doy mas"
NUMBERS = ("Llamar al *4141", "Llamar al 131")


@dataclass
class Hour:
    """The desk, and the alarms sent outside it; ``is_day`` states whether the agency is open."""

    world: DeskWorld
    alarm: AlarmPeers
    is_day: bool


@pytest_asyncio.fixture(params=[True, False], ids=["day", "night"])
async def hour(
    request: pytest.FixtureRequest, redis: Any, database: Sessions, agency: Agency, tmp_path: Path
) -> AsyncIterator[Hour]:
    """Starts the chat, the desk, a worker and the alarms; the parameter states whether it is day."""
    agency = by_day(agency) if request.param else at_night(agency)
    async with desk_world(redis, database, agency, home=tmp_path) as made, alarm_peers(redis, agency) as alarm:
        await redis.set(keys.RESTORED, "1")
        await made.hire(ANA, "Ana Soto")
        files = Files(tmp_path / FILES_FOLDER)
        parts = Conversations.from_redis(redis, made.inbox, live=made.live, files=files)
        made.app.router.routes.extend(WebChat(conversations=parts, site=Site(agency), secret=SECRET).router().routes)
        forecasts = Forecasts.from_agency(agency, redis)
        notices = WaitingNotices(agency, forecasts.service_hours, made.tickets.count_waiting, forecasts)
        task = asyncio.create_task(make_worker(redis, debounce_ms=0, notice=notices).run())
        yield Hour(made, alarm, request.param)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


@pytest.fixture
def world(hour: Hour) -> DeskWorld:
    """Returns the world of the fixture ``hour``."""
    return hour.world


async def phone(chromium: Browser, url: str) -> Page:
    context = await chromium.new_context(
        locale="es-CL", viewport={"width": 360, "height": 740}, color_scheme="dark", reduced_motion="reduce"
    )
    context.set_default_timeout(PATIENCE_MS)
    page = await context.new_page()
    await page.goto(f"{url}/{BELOW_THE_FIELD}")
    await page.locator("ventanilla-chat .launcher").click()
    await expect(page.get_by_role("log")).to_contain_text("No soy una persona")
    return page


async def say(page: Page, text: str) -> None:
    await page.get_by_label("Escribe tu mensaje").fill(text)
    await page.get_by_label("Escribe tu mensaje").press("Enter")


async def test_citizen_in_danger_reads_the_number_each_time_and_reaches_a_person(
    hour: Hour, chromium: Browser, desk: OpenDesk
) -> None:
    ana = await desk(ANA) if hour.is_day else None
    page = await phone(chromium, hour.world.url)
    log = page.get_by_role("log")
    for number, text in enumerate((WORDS, "no me contestan", "tengo miedo"), 1):
        await say(page, text)
        for name in NUMBERS:
            await expect(log.get_by_role("link", name=name)).to_have_count(number)
    await no_queue(page, log)
    assert await serious_async(page) == []
    (ticket,) = await hour.world.tickets.waiting()
    await hour.alarm.alarms.send_due()
    if ana is None:  # at night nobody is at the desk, and the alarm's link opens the conversation
        assert hour.alarm.subjects() == [f"Emergencia en el chat de Los Aromos: suicidio (n.º {ticket.id})"]
        ana = await desk(ANA)
        await ana.page.goto(f"{ana.url}/desk#/t/{ticket.id}")
    else:
        assert hour.alarm.subjects() == []
        await expect(ana.row(ticket.id).locator(".danger")).to_have_text("Emergencia: suicidio")
        await ana.open(ticket.id)
    await attends(ana, hour.world)
    await expect(page.locator("ventanilla-chat header")).to_contain_text("Te atiende Ana Soto")
    await expect(log).to_contain_text("Estoy contigo")
    await page.context.close()


async def no_queue(page: Page, log: Locator) -> None:
    """Checks that the citizen is asked once whether they are safe, and reads nothing about a queue."""
    told = await log.inner_text()
    assert told.count("¿Ya llamaste? ¿Estás a salvo?") == 1
    assert re.findall(rf"en el lugar|tu lugar|fila|volver|Que me llamen|Avísame|{OPENS}", told) == []
    await expect(page.locator("ventanilla-chat header")).to_contain_text("Emergencia: no esperes, llama")
    await expect(page.locator("ventanilla-chat .queue")).to_be_hidden()
    await expect(page.get_by_role("button", name="Salir de la fila")).to_be_hidden()


async def attends(ana: DeskPage, world: DeskWorld) -> None:
    """Reads the red band and the protocol at the desk, takes the conversation and answers."""
    await expect(ana.page.locator("#danger")).to_have_text("Emergencia: suicidio")
    await expect(ana.page.locator("#danger")).to_have_attribute("data-sure", "true")
    steps = list(world.agency.emergency_protocols["suicidio"])
    await expect(ana.page.locator("#protocol").get_by_role("listitem")).to_have_text(steps)
    for name in NUMBERS:
        await expect(ana.page.locator("#protocol").get_by_role("link", name=name)).to_be_visible()
    assert await ana.serious() == []
    await ana.take.click()
    await ana.reply("Hola, soy Ana. Estoy contigo.")
    await eventually(lambda: world.tickets.claimed())


async def test_false_emergency_is_undone_with_a_button_and_raised_again(
    hour: Hour, chromium: Browser, desk: OpenDesk
) -> None:
    ana, page = await desk(ANA), await phone(chromium, hour.world.url)
    log, head = page.get_by_role("log"), page.locator("ventanilla-chat header")
    await say(page, WORDS)
    await page.get_by_role("button", name="No es una emergencia").click()
    await expect(log).to_contain_text("no te repito los números")
    await expect(head).not_to_contain_text("Emergencia")
    await expect(page.get_by_role("button", name="Salir de la fila")).to_be_hidden()  # only an agent ends it
    assert await serious_async(page) == []
    (ticket,) = await hour.world.tickets.waiting()
    mark = ana.row(ticket.id).locator(".danger")
    await expect(mark).to_have_text("Emergencia: suicidio · la persona dice que no es una emergencia")
    await expect(ana.row(ticket.id)).to_contain_text(WORDS)
    assert await ana.serious() == []
    await say(page, "sigo sin entender nada")
    await expect(log.get_by_role("link", name=NUMBERS[0])).to_have_count(1)
    await page.reload()
    await page.locator("ventanilla-chat .launcher").click()
    await expect(log).to_contain_text("no te repito los números")
    await expect(head).not_to_contain_text("Emergencia")
    await say(page, "sí, es una emergencia")
    await expect(log.get_by_role("link", name=NUMBERS[0])).to_have_count(2)
    await expect(head).to_contain_text("Emergencia: no esperes, llama")
    await expect(mark).to_have_text("Emergencia: suicidio")
    await page.context.close()


async def test_ordinary_citizen_reads_the_position_and_at_night_the_next_opening(hour: Hour, chromium: Browser) -> None:
    page = await phone(chromium, hour.world.url)
    await say(page, "persona")
    log = page.get_by_role("log")
    await expect(log).to_contain_text("en el lugar 1")
    assert (OPENS in await log.inner_text()) is not hour.is_day
    await page.context.close()
