"""Tests a citizen of the web chat outside hours, who asks for a call-back or further questions; Rasa is a stub."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from fastapi import FastAPI
from playwright.async_api import Browser, expect

from bot.agency.model import Agency
from bot.agency.schedule import schedule
from bot.channels.web.chats import Conversations
from bot.channels.web.router import WebChat
from bot.channels.web.site import Site
from bot.conversation.files import FILES_FOLDER, Files
from bot.conversation.live import Live
from bot.core.network import ActionsEndpoint
from bot.handoff.forecast import Forecasts
from bot.handoff.hours import ServiceHours
from bot.handoff.notices import WaitingNotices
from bot.tickets.presence import Presences
from bot.tickets.tickets import Tickets
from bot.tickets.waits import Waits
from bot.turns.answers import Answers
from tests.browser.axe import SCREENS, serious_async
from tests.browser.chat_page import BELOW_THE_FIELD
from tests.desk_world import served
from tests.eventually import PATIENCE_MS
from tests.integration.worker_process import make_worker
from tests.no_record import mailbox_of
from tests.sure_answers import sure_answers

SECRET = "s" * 40
SHOTS = os.environ.get("SHOTS", "")


@asynccontextmanager
async def closed_chat(redis: Any, agency: Agency, home: Path, answers: Answers | None = None) -> AsyncIterator[str]:
    """Starts the chat of an agency that is always closed, and yields its URL."""
    never = {team: schedule({}, "CL", ()) for team in agency.teams}
    hours = ServiceHours(replace(agency, team_schedules=never))
    forecasts = Forecasts(agency, hours, Waits(redis), Presences(redis))
    notices = WaitingNotices(agency, hours, Tickets(redis).count_waiting, forecasts)
    live = Live(redis)
    conversations = Conversations.from_redis(redis, mailbox_of(redis), live=live, files=Files(home / FILES_FOLDER))
    app = FastAPI()
    app.router.routes.extend(WebChat(conversations=conversations, site=Site(agency), secret=SECRET).router().routes)
    await live.start()
    tasks = [
        asyncio.create_task(one)
        for one in (make_worker(redis, notice=notices, answers=answers).run(), conversations.positions.run())
    ]
    try:
        async with served(app) as url:
            yield url
    finally:  # a worker that goes on would answer the citizens of later tests
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await live.stop()


async def test_citizen_asks_for_a_call_back_on_a_phone(
    redis: Any, agency: Agency, chromium: Browser, tmp_path: Path
) -> None:
    async with closed_chat(redis, agency, tmp_path) as url:
        context = await chromium.new_context(
            locale="es-CL", viewport={"width": 360, "height": 740}, color_scheme="dark", reduced_motion="reduce"
        )
        context.set_default_timeout(PATIENCE_MS)
        page = await context.new_page()
        await page.goto(f"{url}/{BELOW_THE_FIELD}")
        await page.locator("ventanilla-chat .launcher").click()
        box, log = page.get_by_label("Escribe tu mensaje"), page.get_by_role("log")
        await expect(log).to_contain_text("No soy una persona")
        await box.fill("persona")
        await box.press("Enter")
        await expect(log).to_contain_text("Ahora no hay nadie atendiendo")
        await log.get_by_role("button", name="Que me llamen").click()
        await expect(log).to_contain_text("¿Nos autorizas a guardarlo")
        if SHOTS:
            await page.screenshot(path=Path(SHOTS) / "chat-consent.png")
        await log.get_by_role("button", name="Sí, de acuerdo").click()
        await expect(log).to_contain_text("¿De qué quieres que hablemos?")
        await log.get_by_role("button", name="Saltar").click()
        await expect(log).to_contain_text("Escribe tu teléfono o tu correo")
        await box.fill("9 7654 321")
        await box.press("Enter")
        await expect(log).to_contain_text("tiene 8 cifras y en Chile son 9")
        await box.fill("9 7654 3211")
        await box.press("Enter")
        await log.get_by_role("button", name="En la tarde").click()
        await expect(log).to_contain_text("Tu solicitud es la")
        for _, scheme in SCREENS:
            await page.emulate_media(color_scheme=scheme)
            assert (scheme, await serious_async(page)) == (scheme, [])
            if SHOTS:
                await page.screenshot(path=Path(SHOTS) / f"chat-done-{scheme}.png")
        await page.reload()
        await page.locator("ventanilla-chat .launcher").click()
        await expect(log).to_contain_text("+56 9 •••• 3211")
        await expect(log).not_to_contain_text("7654 3211")
        await context.close()
    (ticket,) = await Tickets(redis).callbacks()
    assert ticket.by_phone


async def test_ten_questions_are_answered_while_waiting_and_the_place_stays(
    redis: Any, agency: Agency, chromium: Browser, tmp_path: Path
) -> None:
    known = {f"¿pregunta {number}?": f"Respuesta {number}." for number in range(10)}
    async with sure_answers(known) as answerer:
        answers = Answers(ActionsEndpoint(answerer))
        async with closed_chat(redis, agency, tmp_path, answers) as url:
            page = await chromium.new_page(viewport={"width": 320, "height": 640}, reduced_motion="reduce")
            page.set_default_timeout(PATIENCE_MS)
            await page.goto(f"{url}/{BELOW_THE_FIELD}")
            await page.locator("ventanilla-chat .launcher").click()
            box, log = page.get_by_label("Escribe tu mensaje"), page.get_by_role("log")
            await box.fill("persona")
            await box.press("Enter")
            await expect(log).to_contain_text("Ahora no hay nadie atendiendo")
            (ticket,) = await Tickets(redis).waiting()
            for question, answer in known.items():
                await box.fill(question)
                await box.press("Enter")
                await expect(log).to_contain_text(answer)
            await expect(page.locator("ventanilla-chat .queue")).to_have_text("Sigues tú en la fila")
            assert await serious_async(page) == []
            await page.close()
        await answers.close()
    assert [one.id for one in await Tickets(redis).waiting()] == [ticket.id]
