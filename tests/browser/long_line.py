"""Sets up a queue of 1,000 tickets with 100 agents, for tests/browser and benchmarks/long_line.py."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
from playwright.async_api import Browser, Page, expect

from bot.agency.model import Agency
from bot.core.messages import Candidate, Handoff, HandoffReason, Priority
from bot.record.engine import Sessions
from tests.browser.desk_page import DeskPage
from tests.desk_world import DeskWorld, desk_world
from tests.eventually import LONG_PATIENCE_S, eventually

WAITING = 1000
AGENTS = 100
# Number of agents with a real browser; the others read their stream over HTTP.
BROWSERS = 4
ANA = "ana@losaromos.example"
UNSURE = Handoff(
    HandoffReason.LOW_CONFIDENCE,
    team="atencion",
    candidates=tuple(Candidate(f"entrada-{number}", f"¿Cómo hago el trámite {number}?", 0.2) for number in range(5)),
)
FIRST = Handoff(HandoffReason.EMERGENCY, Priority.EMERGENCY, "seguridad")
SEEN = """text => new Promise(done => {
  const look = () => [...document.querySelectorAll(".row .words")].some(one => one.textContent === text);
  const told = () => requestAnimationFrame(() => done(Date.now()));
  if (look()) return told();
  const watch = new MutationObserver(() => look() && (watch.disconnect(), told()));
  watch.observe(document.getElementById("board"), {subtree: true, childList: true, characterData: true});
})"""


@asynccontextmanager
async def long_line(redis: Any, database: Sessions, agency: Agency) -> AsyncIterator[DeskWorld]:
    """Starts a desk with WAITING tickets in the queue."""
    async with desk_world(redis, database, agency) as made:
        await made.hire(ANA, "Ana Soto")
        for number in range(WAITING):
            message = await made.say(f"w{number}", f"necesito ayuda con el trámite número {number}")
            await made.answer(message, handoff=UNSURE)
        await made.live.stop()  # what was said so far would end streams that have not caught up with it
        await made.live.start()
        yield made


@asynccontextmanager
async def listening(world: DeskWorld, cookies: dict[str, str]) -> AsyncIterator[None]:
    """Reads the streams of all agents without a browser, as a browser would, during the block."""
    limits = httpx.Limits(max_connections=AGENTS)
    client = httpx.AsyncClient(base_url=world.url, cookies=cookies, limits=limits, timeout=None)  # noqa: S113

    async def read() -> None:
        async with client.stream("GET", "/desk/api/events") as response:
            async for _ in response.aiter_raw():
                pass

    tasks = [asyncio.create_task(read()) for _ in range(AGENTS - BROWSERS)]
    try:
        await eventually(lambda: len(world.live.subscribers[None]) >= AGENTS - BROWSERS)
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await client.aclose()


async def seen_after_ms(world: DeskWorld, pages: list[Page], text: str) -> list[float]:
    """Writes and hands off ``text``; returns the milliseconds until each page shows it."""
    seen = [asyncio.create_task(page.evaluate(SEEN, text)) for page in pages]
    await asyncio.sleep(0.2)  # until all of them look
    message = await world.say(text, text)
    began = time.time() * 1000
    await world.answer(message, handoff=FIRST)
    return [float(moment) - began for moment in await asyncio.gather(*seen)]


async def opened(running: Browser, url: str) -> DeskPage:
    """Opens a desk in a new browser context and waits until the page shows the whole queue."""
    desk = DeskPage(await (await running.new_context()).new_page(), url)
    desk.page.set_default_timeout(1000 * LONG_PATIENCE_S)
    await desk.sign_in(ANA)
    await expect(desk.section("waiting").locator("[data-count]")).to_have_text(str(WAITING))
    await expect(desk.section("waiting").locator(".row")).to_have_count(50)
    await expect(desk.section("waiting").locator(".more")).to_have_text("Ver 950 más")
    return desk
