"""Tests in Chromium that no row of the desk's list moves while somebody aims at it, and the line of emergencies."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.async_api import Locator, expect

from bot.core.messages import Handoff, HandoffReason, Priority
from tests.browser.desk_page import ANA, BETO, DeskPage, OpenDesk
from tests.desk_world import DeskWorld
from tests.eventually import eventually

FIRE = Handoff(HandoffReason.EMERGENCY, Priority.EMERGENCY)
# The parts of the page that the line about emergencies covers, and the agency's name if it is cut.
COVERED = """() => {
  const line = document.getElementById("unclaimed").getBoundingClientRect();
  const parts = [...document.querySelectorAll(".top, #banners, #board, #open > *")];
  const covers = ({ left, right, top, bottom }) =>
    left < line.right && line.left < right && top < line.bottom && line.top < bottom;
  const covered = parts.filter((one) => one.checkVisibility() && covers(one.getBoundingClientRect()));
  const name = document.querySelector(".brand small");
  const shown = name.checkVisibility({ visibilityProperty: true });
  const cut = shown ? name.scrollWidth > name.clientWidth : innerWidth > 1024;
  return [...covered.map((one) => one.className || one.id), ...(cut ? ["name"] : [])];
}"""
TOPS = "() => [...document.querySelectorAll('.row')].map(one => [one.dataset.ticket, one.getBoundingClientRect().y])"


def changes(ana: DeskPage) -> Locator:
    return ana.page.locator("#held")


async def tops(ana: DeskPage) -> list[Any]:
    found: list[Any] = await ana.page.evaluate(TOPS)
    return found


async def test_rows_stay_while_the_pointer_aims_and_the_pressed_one_opens(world: DeskWorld, desk: OpenDesk) -> None:
    first, _, third = [await world.wait_for_person(f"consulta {number}") for number in range(3)]
    ana = await desk(ANA, viewport={"width": 1280, "height": 800})
    box = await ana.row(third.id).bounding_box()
    assert box
    x, y = box["x"] + 40, box["y"] + 20
    await ana.page.mouse.move(x, y)
    before = await tops(ana)
    beside = await world.sign_in(BETO)
    assert (await beside.post(f"/desk/api/tickets/{first.id}/claim")).status_code == 200
    fire = await world.wait_for_person("hay fuego", handoff=FIRE)

    async def told() -> bool:
        await ana.page.mouse.move(x + 1, y)
        await ana.page.mouse.move(x, y)
        return await changes(ana).inner_text() == "2 cambios en la lista. Ver ahora"

    await eventually(told)
    await expect(ana.page.locator("#unclaimed")).to_be_visible()
    assert await tops(ana) == before
    await ana.page.mouse.click(x, y)
    await expect(ana.page.locator("#talk-title")).to_contain_text(f"#{third.id}")
    await expect(ana.section("waiting").locator(".row").first).to_have_attribute("data-ticket", fire.id)
    await expect(changes(ana)).to_be_hidden()


async def test_focused_row_that_ends_stays_until_its_agent_asks_for_the_changes(
    world: DeskWorld, desk: OpenDesk
) -> None:
    first, second = [await world.wait_for_person(f"consulta {number}") for number in range(2)]
    ana, beside = await desk(ANA), await world.sign_in(BETO)
    await ana.page.keyboard.press("j")
    await expect(ana.row(first.id)).to_be_focused()
    for step in ("claim", "close"):
        answer = await beside.post(f"/desk/api/tickets/{first.id}/{step}", json={})
        assert answer.status_code == 200, answer.text

    async def told() -> bool:
        await ana.page.keyboard.press("k")
        return await changes(ana).is_visible()

    await eventually(told)
    await expect(ana.row(first.id)).to_be_focused()
    await ana.page.keyboard.press("u")
    await expect(ana.row(first.id)).to_have_count(0)
    await expect(ana.row(second.id)).to_be_focused()


async def test_line_of_an_emergency_is_hidden_on_a_phone_while_it_is_open(world: DeskWorld, desk: OpenDesk) -> None:
    fire = await world.wait_for_person("hay fuego", handoff=FIRE)
    ana = await desk(ANA, viewport={"width": 390, "height": 844})
    line = ana.page.locator("#unclaimed")
    await ana.open(fire.id)
    other = await world.wait_for_person("hay humo", handoff=FIRE)
    await expect(line.get_by_role("link")).to_have_attribute("href", f"/desk#/t/{other.id}")
    await line.get_by_role("link").click()
    await ana.take.click()
    await expect(line.get_by_role("link")).to_have_attribute("href", f"/desk#/t/{fire.id}")
    await line.get_by_role("link").click()
    await expect(ana.take).to_be_visible()
    await expect(line).to_be_hidden()


@pytest.mark.parametrize("width", [320, 769, 1280, 1920])
async def test_line_of_an_emergency_lies_over_nothing(world: DeskWorld, desk: OpenDesk, width: int) -> None:
    ticket = await world.wait_for_person("consulta")
    ana = await desk(ANA, viewport={"width": width, "height": 560})
    for number in range(9):
        await world.wait_for_person(f"hay fuego {number}", handoff=FIRE)
    await ana.page.evaluate("ticket => (location.hash = `#/t/${ticket}`)", ticket.id)
    await expect(ana.take).to_be_visible()
    await expect(ana.page.locator("#unclaimed")).to_be_visible()
    assert await ana.page.evaluate(COVERED) == []
