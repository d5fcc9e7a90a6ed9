"""Tests a queue of 1,000 citizens with 100 agents: every browser sees each change."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.async_api import async_playwright, expect

from bot.agency.model import Agency
from bot.record.engine import Sessions
from tests.browser.conftest import CHROMIUM, CHROMIUM_OPTIONS
from tests.browser.long_line import ANA, BROWSERS, listening, long_line, opened, seen_after_ms

TIMES = 3


@pytest.mark.skipif(CHROMIUM is None, reason="no Chromium: apt-get install chromium, or set CHROMIUM")
async def test_every_browser_sees_a_change_among_1000_tickets_and_100_agents(
    redis: Any, database: Sessions, agency: Agency
) -> None:
    async with async_playwright() as playwright, long_line(redis, database, agency) as world:
        running = await playwright.chromium.launch(executable_path=CHROMIUM, args=CHROMIUM_OPTIONS)
        async with listening(world, dict((await world.sign_in(ANA)).cookies)):
            desks = [await opened(running, world.url) for _ in range(BROWSERS)]
            pages = [desk.page for desk in desks]
            for number in range(TIMES):
                assert len(await seen_after_ms(world, pages, f"urgente {number}")) == BROWSERS
        await desks[0].section("waiting").locator(".more").click()
        await expect(desks[0].section("waiting").locator(".row")).to_have_count(100)
        await running.close()
