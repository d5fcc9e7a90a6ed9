"""Opens tabs of a real Chromium, each in its own context, and signs new staff in at the desk."""

from __future__ import annotations

import uuid
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any, TypeVar

import pytest_asyncio
from playwright.async_api import Browser, Page

from bot.record.engine import open_database
from bot.record.tables import Staff
from bot.run.system import running_system
from tests.browser.desk_page import DeskPage
from tests.desk_world import PASSWORD
from tests.eventually import PATIENCE_MS
from tests.quick_passwords import QUICK
from tests.system import Installation

DESKTOP = {"width": 1280, "height": 900}
OpenPage = Callable[..., Awaitable[Page]]
Desk = TypeVar("Desk", bound=DeskPage)


@pytest_asyncio.fixture
async def open_page(chromium: Browser) -> AsyncIterator[OpenPage]:
    """Yields a function that opens a tab in a new browser context with ``options``; page errors fail the test."""
    contexts, errors = [], []

    async def open_one(viewport: Any, **options: Any) -> Page:
        look = {"locale": "es-CL", "timezone_id": "America/Santiago", "reduced_motion": "reduce", **options}
        context = await chromium.new_context(viewport=viewport, **look)
        context.set_default_timeout(PATIENCE_MS)
        contexts.append(context)
        page = await context.new_page()
        page.on("pageerror", lambda error: errors.append(str(error)))
        return page

    yield open_one
    for context in contexts:
        await context.close()
    assert errors == []


async def hired(installation: Installation, email: str, name: str, role: str, teams: tuple[str, ...]) -> None:
    """Creates an account with PASSWORD directly in the record, which is faster than the command and a first sign-in."""
    row = Staff(email=email, name=name, roles=[role], teams=list(teams), password_hash=QUICK.hash(PASSWORD))
    row.must_change_password = False
    engine, sessions = open_database((running_system(installation.home) or {})["DATABASE_URL"])
    async with sessions.begin() as session:
        session.add(row)
    await engine.dispose()


@asynccontextmanager
async def signed_in(
    installation: Installation,
    page: Page,
    name: str,
    *teams: str,
    role: str = "agent",
    desk: type[Desk] = DeskPage,
) -> AsyncIterator[Desk]:
    """Signs a new agent in at the desk and yields the desk; afterwards closes all tickets that the agent can see."""
    agent = desk(page, installation.url)
    email = f"{uuid.uuid4().hex[:8]}@losaromos.example"
    await hired(installation, email, name, role, teams)
    await agent.sign_in(email)
    try:
        yield agent
    finally:
        await leaves_nobody(agent)


async def leaves_nobody(desk: DeskPage) -> None:
    if desk.page.is_closed():
        return
    request, tickets = desk.page.request, f"{desk.url}/desk/api/tickets"
    board = await (await request.get(tickets)).json()
    headers = {"X-CSRF-Token": board["csrf"], "Origin": desk.url}
    for ticket in board["waiting"]:
        await request.post(f"{tickets}/{ticket['id']}/claim", headers=headers)
    for ticket in board["waiting"] + board["mine"]:
        close = f"{tickets}/{ticket['id']}/close"
        refused = (await (await request.post(close, headers=headers)).json()).get("detail", {})
        if newest := refused.get("newest"):
            await request.post(close, headers=headers, data={"closing_over": newest})
