"""A line of 1,000 people with 100 agents at the desk: what changes is seen in every browser in a moment."""

from __future__ import annotations

import asyncio
import os
import statistics
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, async_playwright, expect

from bot.agency.model import Agency
from bot.core.messages import Candidate, Handoff, HandoffReason, Priority
from bot.record.engine import Sessions
from tests.browser.conftest import CHROMIUM, CHROMIUM_OPTIONS
from tests.browser.desk_page import DeskPage
from tests.desk_world import DeskWorld, desk_world

WAITING = 1000
AGENTS = 100
BROWSERS = 5
"""So many agents have a real one; the others read their stream as a browser does."""
TIMES = 20
PATIENCE_MS = 180_000
TARGET_MS, MOST_MS = 300, 4000
"""The first for a machine with nothing else to do, the second for any."""
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


@pytest_asyncio.fixture
async def world(redis: Any, database: Sessions, agency: Agency) -> AsyncIterator[DeskWorld]:
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
    """The streams of all the other agents, read as a browser would."""
    limits = httpx.Limits(max_connections=AGENTS)
    client = httpx.AsyncClient(base_url=world.url, cookies=cookies, limits=limits, timeout=None)  # noqa: S113

    async def read() -> None:
        async with client.stream("GET", "/desk/api/events") as response:
            async for _ in response.aiter_raw():
                pass

    tasks = [asyncio.create_task(read()) for _ in range(AGENTS - BROWSERS)]
    try:
        async with asyncio.timeout(PATIENCE_MS / 1000):
            while len(world.live.subscribers[None]) < AGENTS - BROWSERS:
                await asyncio.sleep(0.05)
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await client.aclose()


async def seen_after_ms(world: DeskWorld, pages: list[Page], text: str) -> list[float]:
    """In each of the pages, from the change on."""
    seen = [asyncio.create_task(page.evaluate(SEEN, text)) for page in pages]
    await asyncio.sleep(0.2)  # until all of them look
    message = await world.say(text, text)
    began = time.time() * 1000
    await world.answer(message, handoff=FIRST)
    return [float(moment) - began for moment in await asyncio.gather(*seen)]


async def opened(running: Browser, url: str) -> DeskPage:
    """A browser of its own, with the whole line on its page."""
    desk = DeskPage(await (await running.new_context()).new_page(), url)
    desk.page.set_default_timeout(PATIENCE_MS)
    await desk.sign_in(ANA)
    await expect(desk.section("waiting").locator("[data-count]")).to_have_text(str(WAITING))
    await expect(desk.section("waiting").locator(".row")).to_have_count(100)
    await expect(desk.section("waiting").locator(".more")).to_have_text("y 900 más")
    return desk


@pytest.mark.skipif(CHROMIUM is None, reason="no Chromium: apt-get install chromium, or set CHROMIUM")
async def test_with_a_thousand_waiting_and_a_hundred_agents_every_browser_sees_a_change_at_once(
    world: DeskWorld,
) -> None:
    async with async_playwright() as playwright:
        running = await playwright.chromium.launch(executable_path=CHROMIUM, args=CHROMIUM_OPTIONS)
        async with listening(world, dict((await world.sign_in(ANA)).cookies)):
            desks = [await opened(running, world.url) for _ in range(BROWSERS)]
            load = os.getloadavg()[0] / (os.cpu_count() or 1)
            pages = [desk.page for desk in desks]
            took = [await seen_after_ms(world, pages, f"urgente {number}") for number in range(TIMES)]
        await desks[0].section("waiting").locator(".more").click()
        await expect(desks[0].section("waiting").locator(".row")).to_have_count(200)
        await running.close()
    last = sorted(max(one) for one in took)
    middle = statistics.median(moment for one in took for moment in one)
    print(f"load {load:.1f} a core; a browser: median {middle:.0f} ms; the last of {BROWSERS}: {last} ms")  # noqa: T201
    assert last[-2] < (TARGET_MS if load < 1 else MOST_MS), (load, last)
