"""Tests the call-back page in a real browser: claim, contact, outcome; by keyboard, on a phone, in dark mode."""

from __future__ import annotations

import os
from pathlib import Path

from playwright.async_api import Page, expect

from bot.record.tables import Callback
from bot.tickets.transitions import Transitions
from tests.browser.desk_page import ANA, OpenDesk, looks_right
from tests.desk_world import DeskWorld
from tests.integration.callback_requests import PHONE, asked

SPOKEN = "+56 9 7654 3211"
SHOTS = os.environ.get("SHOTS", "")


async def open_list(desk: OpenDesk, **options: object) -> Page:
    return (await desk(ANA, path="/desk/llamadas", **options)).page


async def card(page: Page, one: Callback):  # type: ignore[no-untyped-def]
    return page.get_by_role("article", name=f"Solicitud {one.number}")


async def test_agent_claims_a_request_calls_and_records_the_outcome(world: DeskWorld, desk: OpenDesk) -> None:
    one = await asked(world)
    opened = await desk(ANA)
    await opened.page.locator("#account").click()
    await opened.page.get_by_role("link", name="Llamadas por devolver").click()
    row = await card(opened.page, one)
    await row.get_by_role("button", name="Tomar").click()
    await expect(row.get_by_text("La tienes tú")).to_be_visible()
    await row.get_by_role("button", name="Ver contacto").click()
    await expect(row.get_by_role("link", name=SPOKEN)).to_have_attribute("href", f"tel:{PHONE}")
    await row.get_by_label("No se pudo", exact=True).check()
    await row.get_by_label("Nota para el equipo").fill("sonó ocupado")
    await row.get_by_role("button", name="Guardar resultado").click()
    await expect(opened.page.get_by_role("status")).to_contain_text("Vuelve a la lista")
    await expect(row.get_by_text("sonó ocupado")).to_be_visible()
    await row.get_by_role("button", name="Tomar").click()
    await row.get_by_label("Nos comunicamos").check()
    await row.get_by_role("button", name="Guardar resultado").click()
    await expect(row).to_have_count(0)


async def test_call_back_page_works_by_keyboard(world: DeskWorld, desk: OpenDesk) -> None:
    one = await asked(world)
    page = await open_list(desk)
    row = await card(page, one)
    await row.get_by_role("button", name="Tomar").focus()
    await page.keyboard.press("Enter")
    await expect(row.get_by_text("La tienes tú")).to_be_visible()
    await page.wait_for_load_state()  # which moves the focus to the request
    await row.get_by_role("button", name="Ver contacto").focus()
    await page.keyboard.press("Enter")
    await expect(row.get_by_role("link", name=SPOKEN)).to_be_visible()
    await page.wait_for_load_state()
    await row.get_by_label("Nos comunicamos").focus()
    await page.keyboard.press("Space")
    await page.keyboard.press("Tab")
    await page.keyboard.press("Tab")
    await expect(row.get_by_role("button", name="Guardar resultado")).to_be_focused()
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("status")).to_contain_text("quedó cerrada")


async def test_call_back_page_fits_a_phone_and_passes_axe(world: DeskWorld, desk: OpenDesk) -> None:
    first, _ = await asked(world), await asked(world)
    opened = await desk(ANA, path="/desk/llamadas")
    row = await card(opened.page, first)
    await row.get_by_role("button", name="Tomar").click()
    await row.get_by_role("button", name="Ver contacto").click()
    await expect(row.get_by_role("link", name=SPOKEN)).to_be_visible()
    await looks_right(opened, "calls")
    await row.get_by_role("link", name="Ver la conversación").click()
    await expect(opened.page.get_by_text("necesito ayuda con mi patente")).to_be_visible()
    await looks_right(opened, "call-talk")


async def test_claiming_a_due_call_at_the_desk_leads_to_its_contact(world: DeskWorld, desk: OpenDesk) -> None:
    one = await asked(world)
    await Transitions(world.redis).enqueue_due_callback(one.ticket_id)
    opened = await desk(ANA)
    await opened.open(one.ticket_id)
    await opened.take.click()
    link = opened.page.get_by_role("link", name="Ver contacto y anotar")
    await expect(link).to_be_visible()
    if SHOTS:
        await opened.page.screenshot(path=Path(SHOTS) / "desk.png")
    await link.click()
    row = await card(opened.page, one)
    await expect(row.get_by_role("button", name="Ver contacto")).to_be_visible()
    await expect(row.get_by_text("La tienes tú")).to_be_visible()
