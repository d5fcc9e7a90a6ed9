"""Tests in a browser that a second person reads the entries of an import, and approves them together by keyboard."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest_asyncio
from playwright.async_api import expect
from sqlalchemy import update

from bot.agency.model import Agency
from bot.desk.editing.staff_notices.items import APPROVE
from bot.faq.entries.folder import load_folder
from bot.record.engine import Sessions
from bot.record.tables import Staff
from tests.browser.desk_page import OpenDesk, looks_right
from tests.desk_world import DeskWorld, served
from tests.faq_files import write_folder
from tests.integration.entry_desk import ANA, EVA, Assistant, address, editor, editors, press
from tests.integration.joint_approvals import QUESTIONS, imported


@pytest_asyncio.fixture
async def faq_dir(tmp_path: Path) -> Path:
    return write_folder(tmp_path / "faq")


@pytest_asyncio.fixture
async def world(redis: Any, database: Sessions, agency: Agency, faq_dir: Path) -> AsyncIterator[DeskWorld]:
    assistant = Assistant()
    assistant.loses = "de 9 a 14."
    async with served(assistant.app) as url:
        made = editors(redis, database, agency, faq_dir, four_eyes=True, actions_url=url)
        async with made as desk, desk.sessions.begin() as session:
            await session.execute(update(Staff).where(Staff.email.in_([ANA, EVA])).values(roles=["agent", "editor"]))
            await session.commit()
            yield desk


async def test_import_is_approved_by_keyboard_and_the_page_says_what_was_held_back(
    world: DeskWorld, faq_dir: Path, desk: OpenDesk
) -> None:
    await imported(world)
    page = await address(world)
    await press(await editor(world), page, "programar", respuesta="Se avisa **por carta**.", cuando="2030-03-01T09:00")
    eva = await desk(EVA, path="/desk/respuestas", viewport={"width": 1280, "height": 900})
    await expect(eva.page.get_by_role("heading", name="5 respuestas esperan tu aprobación.")).to_be_visible()
    await looks_right(eva, "aprobar-lista")
    await eva.page.get_by_role("link", name="Leerlas y aprobarlas juntas (5)").click()
    await expect(eva.page).to_have_url(world.url + APPROVE)
    await looks_right(eva, "aprobar")
    last = eva.page.get_by_role("checkbox", name=f"Aprobar: {QUESTIONS[3]}")
    await last.focus()
    await eva.page.keyboard.press("Space")
    await expect(last).not_to_be_checked()
    await eva.page.get_by_role("button", name="Aprobar y publicar las marcadas").focus()
    await eva.page.keyboard.press("Enter")
    await expect(eva.page.get_by_role("status").filter(has_text="Se publicaron 2 respuestas.")).to_be_visible()
    await expect(eva.page.get_by_role("alert").filter(has_text="«hay un hoyo»")).to_contain_text(QUESTIONS[2])
    await looks_right(eva, "aprobar-resultado")
    await eva.page.get_by_label("Por qué se hace igual").fill("Así lo pidió la dirección")
    await eva.page.get_by_role("button", name="Aprobar igual las marcadas").click()
    await expect(eva.page.get_by_role("status").filter(has_text="Se publicó una respuesta.")).to_be_visible()
    answered = {one.question for one in load_folder(faq_dir, None).entries}
    assert {*QUESTIONS} - answered == {QUESTIONS[3]}
