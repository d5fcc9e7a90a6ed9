"""Tests in Chromium what is kept of the form that closes a ticket, and how an agent goes on after it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from playwright.async_api import Route, expect

from tests.browser.desk_page import ANA, DeskPage, OpenDesk
from tests.desk_world import DeskWorld


async def test_closing_form_keeps_what_was_filled_in_for_its_ticket(world: DeskWorld, desk: OpenDesk) -> None:
    first, second = [await world.wait_for_person(f"consulta {number}") for number in range(2)]
    ana = await desk(ANA)
    close, summary, chips = ana.page.locator("#close"), ana.page.locator("#summary"), ana.page.locator(".topic-chip")
    for ticket, topics in ((first.id, ["Patente", "Permiso", "Aseo"]), (second.id, ["Multas"])):
        await ana.page.route(f"**/tickets/{ticket}/topics", fulfilled(topics))
    await ana.take_ticket(first.id)
    await close.click()
    await expect(chips).to_have_count(3)
    await ana.page.get_by_role("radio", name="Derivada a otro servicio").check()
    await summary.fill("Quedó para el martes")
    await ana.page.locator("#confirm-stay").click()
    await ana.take_ticket(second.id)
    await close.click()
    await expect(summary).to_have_value("")
    await expect(chips).to_have_count(1)
    await ana.page.locator("#confirm-stay").click()
    await ana.open(first.id)
    await close.click()
    await expect(summary).to_have_value("Quedó para el martes")
    await expect(ana.page.get_by_role("radio", name="Derivada a otro servicio")).to_be_checked()
    await ana.page.locator("#confirm-close").click()
    await expect(ana.row(first.id)).to_have_count(0)


def fulfilled(topics: list[str]) -> Callable[[Route], Awaitable[None]]:
    return lambda route: route.fulfill(json={"questions": topics})


async def test_next_ticket_is_taken_from_a_closed_one_on_a_phone(world: DeskWorld, desk: OpenDesk) -> None:
    first, second = [await world.wait_for_person(f"consulta {number}") for number in range(2)]
    ana = await desk(ANA, viewport={"width": 320, "height": 640})
    following = ana.page.locator("#next-here")
    await ana.take_ticket(first.id)
    await expect(following).to_be_hidden()
    await _close(ana)
    await following.click()
    await expect(ana.page.locator("#talk-title")).to_contain_text(f"#{second.id}")
    await expect(ana.box).to_be_visible()
    await _close(ana)
    assert await ana.sideways_scroll_px() == 0
    await following.click()
    await expect(ana.page.locator("#next-refusal")).to_have_text("Nadie espera")


async def _close(ana: DeskPage) -> None:
    await ana.page.locator("#close").click()
    await ana.page.get_by_role("radio", name="Resuelta").check()
    await ana.page.locator("#confirm-close").click()
