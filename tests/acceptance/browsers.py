"""Opens tabs of a real Chromium, each in its own context, and signs new staff in at the desk."""

from __future__ import annotations

import asyncio
import os
import re
import subprocess
import sys
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, TypeVar

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, async_playwright, expect

from tests.browser.conftest import CHROMIUM, CHROMIUM_OPTIONS
from tests.browser.desk_page import DeskPage
from tests.desk_world import PASSWORD
from tests.eventually import PATIENCE_MS, PATIENCE_S
from tests.system import Installation

DESKTOP = {"width": 1280, "height": 900}
ONE_TIME = re.compile(r"contraseña de un solo uso: (\S+)", re.IGNORECASE)
OpenPage = Callable[..., Awaitable[Page]]
Desk = TypeVar("Desk", bound=DeskPage)


@pytest_asyncio.fixture
async def open_page() -> AsyncIterator[OpenPage]:
    """Opens a tab in its own browser context, made with ``options``; page errors fail the test."""
    if CHROMIUM is None:
        pytest.skip("no Chromium: apt-get install chromium, or set CHROMIUM")
    errors: list[str] = []
    async with async_playwright() as playwright:
        browser: Browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=CHROMIUM_OPTIONS)

        async def open_one(viewport: Any, **options: Any) -> Page:
            look = {"locale": "es-CL", "timezone_id": "America/Santiago", "reduced_motion": "reduce", **options}
            context = await browser.new_context(viewport=viewport, **look)
            context.set_default_timeout(PATIENCE_MS)
            page = await context.new_page()
            page.on("pageerror", lambda error: errors.append(str(error)))
            return page

        yield open_one
        await browser.close()
    assert errors == []


def hired(installation: Installation, email: str, name: str, *more: str) -> str:
    """Creates an agent's account as an administrator does; returns its one-time password."""
    command = [str(Path(sys.executable).parent / "ventanilla"), "staff", "add", email, name, *more]
    environment = {**os.environ, "COLUMNS": "200", "VENTANILLA_HOME": str(installation.home)}
    printed = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=PATIENCE_S)
    found = ONE_TIME.search(printed.stdout)
    assert found, printed.stdout + printed.stderr
    return found[1]


async def first_sign_in(desk: DeskPage, email: str, one_time: str) -> None:
    page = desk.page
    await page.goto(f"{desk.url}/desk")
    await desk.enter(email, one_time)
    await expect(page.get_by_role("heading", name="Crea tu contraseña")).to_be_visible()
    for label in ("Contraseña nueva", "Repite la contraseña nueva"):
        await page.get_by_label(label, exact=True).fill(PASSWORD)
    await page.get_by_role("button", name="Guardar contraseña").click()
    await desk.is_live()


@asynccontextmanager
async def signed_in(
    installation: Installation, page: Page, name: str, *more: str, desk: type[Desk] = DeskPage
) -> AsyncIterator[Desk]:
    """Signs a new agent in at the desk; afterwards no citizen is left waiting or unattended."""
    agent = desk(page, installation.url)
    email = f"{uuid.uuid4().hex[:8]}@losaromos.example"
    one_time = await asyncio.to_thread(hired, installation, email, name, *more)
    await first_sign_in(agent, email, one_time)
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
