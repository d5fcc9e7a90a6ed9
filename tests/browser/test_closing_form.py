"""Tests in Chromium that an agent who goes back from closing a ticket finds the form as they left it."""

from __future__ import annotations

from playwright.async_api import expect

from tests.browser.desk_page import ANA, OpenDesk
from tests.desk_world import DeskWorld


async def test_closing_form_keeps_what_was_filled_in_for_its_ticket(world: DeskWorld, desk: OpenDesk) -> None:
    first, second = [await world.wait_for_person(f"consulta {number}") for number in range(2)]
    ana = await desk(ANA)
    close, summary = ana.page.locator("#close"), ana.page.locator("#summary")
    await ana.take_ticket(first.id)
    await close.click()
    await ana.page.get_by_role("radio", name="Derivada a otro servicio").check()
    await summary.fill("Quedó para el martes")
    await ana.page.locator("#confirm-stay").click()
    await ana.take_ticket(second.id)
    await close.click()
    await expect(summary).to_have_value("")
    await ana.page.locator("#confirm-stay").click()
    await ana.open(first.id)
    await close.click()
    await expect(summary).to_have_value("Quedó para el martes")
    await expect(ana.page.get_by_role("radio", name="Derivada a otro servicio")).to_be_checked()
