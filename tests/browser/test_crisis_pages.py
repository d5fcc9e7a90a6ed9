"""Tests the pages of a crisis in a browser: the alarm's card, a pack with its measures, the broadcast, the report."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest_asyncio
from playwright.async_api import expect
from sqlalchemy import func, insert, select

from bot.agency.model import Agency
from bot.core.settings import ROOT
from bot.faq.entries.folder import load_folder
from bot.public_notices.broadcasting import Broadcasting
from bot.record.engine import Sessions
from bot.record.tables import Conversation, Message, NoticeStep, Spike, Ticket
from bot.record.tables.broadcasts import Subscription
from tests.browser.axe import SCREENS
from tests.browser.desk_page import ANA, BETO, DeskPage, OpenDesk
from tests.desk_world import DeskWorld, desk_world
from tests.eventually import eventually

WORDS = (
    "no me sale ni una gota",
    "¿a qué hora vuelve el agua en mi sector? vivo en el pasaje Los Copihues y tengo guagua",
)


@pytest_asyncio.fixture
async def world(redis: Any, database: Sessions, agency: Agency) -> AsyncIterator[DeskWorld]:
    async with desk_world(redis, database, agency) as made:
        for email, name in ((ANA, "Ana Soto"), (BETO, "Beto Díaz")):
            await made.hire(email, name, roles=("supervisor",))
        made.faq.entries = load_folder(ROOT / "data" / "faq", None).entries
        await spike(database)
        await subscribe(database, 12)
        yield made


async def spike(sessions: Sessions) -> None:
    """Stores an alarm about a spike, with the messages of two citizens as examples."""
    now = datetime.now(UTC)
    async with sessions.begin() as session:
        for number, words in enumerate(WORDS):
            name, at = f"c{number}", now - timedelta(minutes=5)
            await session.execute(insert(Conversation).values(id=name, channel="web", started_at=at, last_at=at))
            said = {"conversation_id": name, "event_id": "1-0", "at": at, "author": "citizen", "data": {}}
            await session.execute(insert(Message).values(said | {"text": words}))
            ticket = {"id": str(number), "conversation_id": name, "opened_at": at, "changed_at": at, "team": "atencion"}
            state = {"reason": "low_confidence", "priority": "normal", "state": "waiting", "candidates": []}
            await session.execute(insert(Ticket).values(ticket | state))
        seen = {"since": now - timedelta(minutes=15), "last_at": now, "streams": ["unknown", "total"]}
        counts = {"citizens": 34, "expected": 3.2, "window": 15, "chance": 1e-9}
        await session.execute(insert(Spike).values(seen | counts))


async def subscribe(sessions: Sessions, count: int) -> None:
    rows = [
        {"conversation_id": f"t{n}", "channel": "telegram", "address": "sealed", "at": datetime.now(UTC)}
        for n in range(count)
    ]
    async with sessions.begin() as session:
        await session.execute(insert(Subscription), rows)


async def fine(desk: DeskPage, name: str) -> None:
    """Checks a page on both screens: nothing is cut off, and axe finds nothing serious."""
    page = desk.page
    for width, scheme in SCREENS:
        await page.set_viewport_size({"width": width, "height": 800})
        await page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
        assert (name, width, await desk.sideways_scroll_px(), await desk.cut_tables()) == (name, width, 0, [])
        assert (name, width, scheme, await desk.serious()) == (name, width, scheme, [])


async def done_steps(world: DeskWorld) -> int:
    async with world.sessions() as session:
        return await session.scalar(select(func.count()).select_from(NoticeStep)) or 0


async def nothing_done(world: DeskWorld) -> bool:
    return await done_steps(world) == 0


async def test_story_from_the_alarm_to_the_broadcast_and_the_report(world: DeskWorld, desk: OpenDesk) -> None:
    ana = await desk(ANA, path="/desk/avisos", viewport={"width": 390, "height": 800})
    page = ana.page
    card = page.locator(".spike")
    await expect(card.get_by_text(WORDS[0])).to_be_visible()
    await fine(ana, "alarm")
    await card.get_by_role("link", name="Ver todos los mensajes de este asunto").click()
    await expect(page.get_by_text(WORDS[1])).to_be_visible()
    await fine(ana, "messages of the alarm")
    await page.get_by_role("link", name="Avisos", exact=True).first.click()

    await page.get_by_role("link", name="Temporal").click()
    measures = page.locator("fieldset.measures")
    await expect(measures.get_by_role("checkbox")).to_have_count(11)
    await measures.get_by_label("Texto de /temporal-techo").fill("Dime la dirección: reparten nylon desde las 18:00.")
    await measures.get_by_role("checkbox", name="/temporal-clases").uncheck()
    await measures.get_by_role("checkbox", name="se le ofrece una llamada").uncheck()
    await page.get_by_label("Qué pasa y qué hacer").fill("Temporal hasta las 22:00. Quédate en casa.")
    await page.get_by_text("Más: respuestas que reemplaza").click()
    question = str(await page.locator("#questions option").first.get_attribute("value"))
    await page.get_by_label("Buscar una respuesta para reemplazar").fill(question)
    await expect(page.get_by_label("Respuestas que reemplaza")).to_have_value(question)
    await page.get_by_label("Respuestas que reemplaza").fill("")
    await fine(ana, "pack")
    await page.get_by_role("button", name="Guardar y pedir visto bueno").click()
    await expect(page.get_by_text("Lo escribiste tú")).to_be_visible()

    beto = await desk(BETO, path="/desk/avisos", viewport={"width": 390, "height": 800})
    second = beto.page
    await expect(second.locator("article .measures li")).to_have_count(9)
    await expect(second.get_by_role("heading", level=2).first).to_have_text("Falta el visto bueno")
    await fine(beto, "draft")
    await second.get_by_role("button", name="Dar el visto bueno y publicar").click()
    await expect(second.get_by_text("Publicado.")).to_be_visible()  # the alarm's card is above what runs
    await expect(second.get_by_role("button", name="Levantar ahora")).to_be_in_viewport(ratio=1)
    await expect(second.locator("#texto-nuevo")).to_be_hidden()
    await second.get_by_text("Medidas (9 de 9)").click()
    await second.get_by_role("checkbox", name="La asistente contesta sólo").check()
    await second.get_by_role("button", name="Levantar las marcadas").click()
    await expect(second.get_by_text("Medidas (8 de 9)")).to_be_visible()
    await fine(beto, "running")
    step = second.locator("form[data-saved-at-once]").get_by_role("checkbox").first
    await step.check()
    await eventually(lambda: done_steps(world))
    await step.uncheck()  # on the page that was loaded before it was ticked
    await eventually(lambda: nothing_done(world))

    await second.get_by_role("link", name="Mandar a quienes lo pidieron").click()
    await expect(second.get_by_text("12 personas quieren avisos.")).to_be_visible()
    await fine(beto, "coverage")
    await second.get_by_role("button", name="Preparar el envío").click()
    await fine(beto, "planned by oneself")
    await page.goto(second.url.partition("?")[0])
    await page.get_by_role("button", name="Iniciar el envío").click()
    await expect(page.get_by_role("button", name="Parar ahora")).to_be_visible()
    await fine(ana, "sending")
    task = Broadcasting(world.sessions, world.redis, world.agency)
    assert [await task.send_some() for _ in range(4)] == [5, 5, 2, 0]
    sending = page.locator("#sending")
    await expect(sending.get_by_text("Terminado")).to_be_visible()  # the page looks again by itself
    await expect(sending.locator("div", has_text="Enviados").locator("dd")).to_have_text("12")
    await expect(page.get_by_role("button", name="Parar ahora")).to_have_count(0)

    await page.locator(".trail").get_by_role("link", name="Avisos").click()
    await page.get_by_role("button", name="Levantar ahora").click()
    await page.locator("details.slip", has_text="Temporal hasta las 22:00.").locator("summary").click()
    await page.get_by_role("link", name="Informe").click()
    await expect(page.get_by_text("La levantó Beto Díaz")).to_be_visible()
    await fine(ana, "report")
    await page.set_viewport_size({"width": 320, "height": 800})
    room = await page.locator(".report td").last.evaluate("one => one.clientWidth / innerWidth")
    assert room > 0.85  # of a narrow phone's width
    await page.emulate_media(media="print")
    assert await page.locator(".report h2").last.evaluate("one => getComputedStyle(one).breakAfter") == "avoid"
