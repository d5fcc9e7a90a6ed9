"""Tests in Chromium that an agent with many notices, as after a lost connection, reads them away at once."""

from __future__ import annotations

from playwright.async_api import expect

from bot.store import keys
from bot.tickets.staff_notices import NoticeKind, StaffNotices
from tests.browser.desk_page import ANA, OpenDesk
from tests.desk_world import DeskWorld
from tests.eventually import eventually


async def test_all_notices_are_read_away_with_one_press(world: DeskWorld, desk: OpenDesk) -> None:
    ana = await desk(ANA, viewport={"width": 320, "height": 640}, color_scheme="dark")
    (agent,) = await eventually(lambda: world.redis.smembers(keys.AGENTS))  # after the first heartbeat
    told, shown = StaffNotices(world.redis), ana.page.locator("#all-notices")
    await told.notify([agent], NoticeKind.FAULT, "La falla 1 atrasó mensajes", "")
    await expect(ana.page.locator("#staff-notices li")).to_have_count(1)
    await expect(shown).to_be_hidden()
    for number in range(2, 6):
        await told.notify([agent], NoticeKind.FAULT, f"La falla {number} atrasó mensajes", "")
    await expect(shown).to_contain_text("5 avisos")
    assert (await ana.serious("#banners"), await ana.sideways_scroll_px()) == ([], 0)
    await shown.get_by_role("button").click()
    await expect(ana.page.locator("#staff-notices")).to_be_hidden()
    await expect(shown).to_be_hidden()
    await eventually(lambda: _none_left(told, agent))


async def _none_left(told: StaffNotices, agent: str) -> bool:
    return not await told.of(agent)
