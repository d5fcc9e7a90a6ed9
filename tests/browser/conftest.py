"""Provides a real Chromium and a web chat for it."""

from __future__ import annotations

import os
import shutil
from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest
import pytest_asyncio
import redis as blocking_redis
from playwright.async_api import Browser as AsyncBrowser
from playwright.async_api import async_playwright
from playwright.async_api import expect as async_expect
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from bot.agency.model import Agency
from bot.record.engine import Sessions
from tests.browser.desk_page import ANA, BETO, DESK, DeskPage, OpenDesk
from tests.chat_world import ChatServer
from tests.desk_world import DeskWorld, desk_world
from tests.eventually import PATIENCE_MS

BROWSERS = ("chromium-headless-shell", "chromium", "google-chrome")  # the shell needs half the processor time
CHROMIUM = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, BROWSERS)), None)
CHROMIUM_OPTIONS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--enable-features=NetworkServiceInProcess2",  # one process less: a page takes a tenth to a quarter less time
]
# Without motion: a new row's colour fades for 1.6 s, and each frame of it costs processor time.
LOOK: dict[str, Any] = {"locale": "es-CL", "timezone_id": "America/Santiago", "reduced_motion": "reduce"}

expect.set_options(timeout=PATIENCE_MS)
async_expect.set_options(timeout=PATIENCE_MS)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Starts a browser per module and ends it afterwards, because its event loop disturbs asynchronous tests."""
    if CHROMIUM is None:
        pytest.skip("no Chromium: apt-get install chromium, or set CHROMIUM")
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=CHROMIUM, args=CHROMIUM_OPTIONS)
        yield running
        running.close()


@pytest_asyncio.fixture(scope="session")
async def chromium() -> AsyncIterator[AsyncBrowser]:
    """Starts one browser per session for asynchronous tests."""
    if CHROMIUM is None:
        pytest.skip("no Chromium: apt-get install chromium, or set CHROMIUM")
    async with async_playwright() as playwright:
        running = await playwright.chromium.launch(executable_path=CHROMIUM, args=CHROMIUM_OPTIONS)
        yield running
        await running.close()


@pytest.fixture
def server(request: pytest.FixtureRequest, redis_url: str, agency: Agency) -> Iterator[ChatServer]:
    """Starts an empty chat; the optional parameter states whether sockets are reachable (True by default)."""
    with blocking_redis.Redis.from_url(redis_url) as client:
        client.flushall()
    running = ChatServer(redis_url, agency, sockets=getattr(request, "param", True)).start()
    yield running
    running.stop()


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    opened = browser.new_context(locale="es-CL", viewport={"width": 1280, "height": 900}, reduced_motion="reduce")
    opened.set_default_timeout(PATIENCE_MS)
    yield opened
    opened.close()


@pytest.fixture
def page(context: BrowserContext) -> Page:
    return context.new_page()


@pytest_asyncio.fixture
async def world(redis: Any, database: Sessions, agency: Agency) -> AsyncIterator[DeskWorld]:
    async with desk_world(redis, database, agency) as made:
        await made.hire(ANA, "Ana Soto", roles=("agent", "supervisor"), teams=("transito",))
        await made.hire(BETO, "Beto Díaz")
        yield made


@pytest_asyncio.fixture
async def desk(chromium: AsyncBrowser, world: DeskWorld) -> AsyncIterator[OpenDesk]:
    """Yields a function that opens the desk, or the page at ``path``, in a new browser context.

    With an e-mail address, signs in first. Page errors fail the test.
    """
    contexts, errors = [], []

    async def open_desk(email: str | None = None, *, url: str = "", path: str = DESK, **options: Any) -> DeskPage:
        context = await chromium.new_context(**{**LOOK, **options})
        context.set_default_timeout(PATIENCE_MS)
        contexts.append(context)
        tab = await context.new_page()
        tab.on("pageerror", lambda error: errors.append(str(error)))
        page = DeskPage(tab, url or world.url)
        return await page.sign_in(email, path) if email else page

    yield open_desk
    for context in contexts:
        await context.close()
    assert errors == []
