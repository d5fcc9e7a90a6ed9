"""Tests in a real browser that a supervisor blocks a person from the desk and lifts the block."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest_asyncio
from playwright.async_api import expect

from bot.agency.model import Agency
from bot.app.tasks.ban_dangers import BanDangers
from bot.core.messages import Channel
from bot.record.engine import Sessions
from bot.store import keys
from tests.blocked import Blocked
from tests.browser.desk_page import OpenDesk, looks_right
from tests.desk_world import DeskWorld, desk_world
from tests.recording import recording, until_recorded

SOL = "sol@losaromos.example"


@pytest_asyncio.fixture
async def world(redis: Any, database: Sessions, agency: Agency, tmp_path: Path) -> AsyncIterator[DeskWorld]:
    async with desk_world(redis, database, agency, home=tmp_path) as made:
        await made.hire(SOL, "Sol Vera", roles=("supervisor",))
        yield made


async def test_supervisor_blocks_who_writes_and_lifts_the_block(world: DeskWorld, desk: OpenDesk) -> None:
    ticket = await world.wait_for_person("groserías")
    async with recording(world.redis, world.sessions):
        await until_recorded(world.redis)
    sol = await desk(SOL, viewport={"width": 1280, "height": 900})
    await sol.open(ticket.id)
    await sol.page.get_by_label("Más acciones").click()
    await sol.page.get_by_role("link", name="Bloquear a quien escribe").click()
    await expect(sol.page.get_by_label("Número de la atención")).to_have_value(ticket.id)
    await sol.page.get_by_label("Por cuánto tiempo").select_option("Una semana")
    await sol.page.get_by_role("button", name="Bloquear", exact=True).click()
    await sol.page.get_by_role("button", name="Sí, bloquear").click()
    await expect(sol.page.get_by_role("status")).to_contain_text("Bloqueado.")
    await looks_right(sol, "bans")
    await sol.page.get_by_role("button", name="Levantar").click()
    await expect(sol.page.get_by_role("status")).to_contain_text("Bloqueo levantado.")
    await expect(sol.page.get_by_text("Levantado por Sol Vera")).to_be_visible()


async def test_notice_of_a_danger_leads_to_the_block(world: DeskWorld, desk: OpenDesk, agency: Agency) -> None:
    await world.redis.set(keys.RESTORED, "1")
    chat = Blocked(world.redis, world.sessions, agency, Channel.WEB)
    await chat.begin()
    async with recording(world.redis, world.sessions):
        await chat.ban("false_alarms")
        await chat.say("hay olor raro seguro")
        await until_recorded(world.redis)
    await BanDangers(world.sessions, world.redis).look()
    sol = await desk(SOL, viewport={"width": 1280, "height": 900})
    await expect(sol.page.get_by_text("Peligro contado por")).to_be_visible()
    await sol.page.get_by_role("link", name="Ver: Peligro contado por").click()
    await expect(sol.page.get_by_text("Contó un peligro:")).to_be_visible()
    await looks_right(sol, "bans-danger")
