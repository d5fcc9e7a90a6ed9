"""A real Chromium, and the web chat for it to open."""

from __future__ import annotations

import os
import shutil
from collections.abc import AsyncIterator, Iterator

import pytest
import pytest_asyncio
import redis as blocking_redis
from playwright.async_api import Browser as AsyncBrowser
from playwright.async_api import async_playwright
from playwright.async_api import expect as async_expect
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from bot.agency.model import Agency
from tests.chat_world import ChatServer

CHROMIUM = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")
CHROMIUM_OPTIONS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
PATIENCE_MS = 20_000
"""For whatever a test waits for; a quiet machine needs a hundredth."""

expect.set_options(timeout=PATIENCE_MS)
async_expect.set_options(timeout=PATIENCE_MS)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """One browser for this module; ended with it, since its event loop would be in the way of asynchronous tests."""
    if CHROMIUM is None:
        pytest.skip("no Chromium: apt-get install chromium, or set CHROMIUM")
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=CHROMIUM, args=CHROMIUM_OPTIONS)
        yield running
        running.close()


@pytest_asyncio.fixture(scope="session")
async def chromium() -> AsyncIterator[AsyncBrowser]:
    """The same for asynchronous tests: agents in the desk."""
    if CHROMIUM is None:
        pytest.skip("no Chromium: apt-get install chromium, or set CHROMIUM")
    async with async_playwright() as playwright:
        running = await playwright.chromium.launch(executable_path=CHROMIUM, args=CHROMIUM_OPTIONS)
        yield running
        await running.close()


@pytest.fixture
def server(request: pytest.FixtureRequest, redis_url: str, agency: Agency) -> Iterator[ChatServer]:
    """A chat with nothing in it; the parameter, if there is one, says whether sockets reach it."""
    with blocking_redis.Redis.from_url(redis_url) as client:
        client.flushall()
    running = ChatServer(redis_url, agency, sockets=getattr(request, "param", True)).start()
    yield running
    running.stop()


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    opened = browser.new_context(locale="es-CL", viewport={"width": 1280, "height": 900})
    opened.set_default_timeout(PATIENCE_MS)
    yield opened
    opened.close()


@pytest.fixture
def page(context: BrowserContext) -> Page:
    return context.new_page()
