"""Tests the page of the sample in a browser: judging with a tap and the keyboard, and accepting a proposal."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any

import pytest_asyncio
from playwright.async_api import expect

from bot.agency.model import Agency
from bot.figures.sampling.drawing import Sampling
from bot.figures.sampling.promise import Promise
from bot.record.engine import Sessions
from tests.browser.desk_page import OpenDesk
from tests.desk_world import DeskWorld, desk_world
from tests.sampled import DAY, MONDAY, answered, weeks_of

SUE = "sue@losaromos.example"


@pytest_asyncio.fixture
async def world(redis: Any, database: Sessions, agency: Agency) -> AsyncIterator[DeskWorld]:
    async with desk_world(redis, database, agency) as made:
        await made.hire(SUE, "Sue Lara", roles=("supervisor", "editor"))
        for number in range(3):
            await answered(database, f"c{number}", f"hay un hoyo grande en la calle {number}", MONDAY - DAY)
        await Sampling(database, "America/Santiago").draw_due(MONDAY)
        await weeks_of(database, 4, bad=4, newest=datetime(2026, 11, 9, tzinfo=UTC).date())
        await Promise(database, agency.risk).propose(1.0)
        yield made


async def test_sample_is_judged_on_a_phone_and_with_keys_and_a_proposal_accepted(
    world: DeskWorld, desk: OpenDesk
) -> None:
    sue = await desk(SUE, path="/desk/cifras", viewport={"width": 320, "height": 640}, color_scheme="dark")
    page = sue.page
    await expect(page.get_by_role("heading", name="Hay más errores que los prometidos")).to_be_visible()
    assert (await sue.sideways_scroll_px(), await sue.serious()) == (0, [])
    await page.get_by_role("link", name="Revisar las 3 que quedan").click()
    await expect(page.get_by_text("0 de 3")).to_be_visible()
    assert (await sue.sideways_scroll_px(), await sue.serious()) == (0, [])
    await page.get_by_role("button", name="Buena").click()
    await expect(page.get_by_text("1 de 3")).to_be_visible()
    await page.set_viewport_size({"width": 1280, "height": 800})
    await page.emulate_media(color_scheme="light")
    assert await sue.serious() == []
    await page.keyboard.press("2")
    await expect(page.get_by_text("2 de 3")).to_be_visible()
    await page.wait_for_load_state()  # the script that reads the keys
    await page.keyboard.press("3")
    await expect(page.get_by_role("heading", name="Listo por esta semana")).to_be_visible()
    await page.get_by_role("link", name="Cifras").first.click()
    await page.get_by_role("button", name="Exigir más seguridad").click()
    await expect(page.get_by_text("se exige más seguridad")).to_be_visible()
    await page.get_by_role("button", name="Quitar").click()
    await expect(page.get_by_text("se exige más seguridad")).to_have_count(0)
