"""Tests what an entry's page says of texts that have expired, and how a withdrawn entry comes back."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest_asyncio

from bot.agency.model import Agency
from bot.desk.pages.entries.expiry import next_year
from bot.record.engine import Sessions
from tests.desk_world import DeskWorld
from tests.integration.entry_desk import address, editor, editors, look, press
from tests.integration.recorded import NOW

ENDED = "Quedó publicada, pero no se responde: venció el 20-11-2020."


@pytest_asyncio.fixture
async def world(redis: Any, database: Sessions, agency: Agency, faq_dir: Path) -> AsyncIterator[DeskWorld]:
    async with editors(redis, database, agency, faq_dir, four_eyes=False) as made:
        yield made


def test_entry_is_valid_for_a_year_more_also_after_29_february() -> None:
    assert next_year(date(2027, 4, 30), date(2026, 11, 30)) == "2028-04-30"
    assert next_year(date(2024, 2, 29), date(2026, 11, 30)) == "2027-02-28"
    assert next_year(None, date(2026, 11, 30)) == ""


async def test_page_does_not_promise_answers_of_a_text_that_expired(world: DeskWorld) -> None:
    browser, page = await editor(world), await address(world)
    published = await press(browser, page, "publicar", **{"campo-vence": "2020-11-20"})
    shown = (await browser.get(str(published.headers["location"]))).text
    assert ENDED in shown and "la asistente responde así" not in shown
    assert "Publicada, pero venció el 20-11-2020: a quien pregunte lo atiende una persona." in shown


async def test_withdrawn_entry_answers_again_once_it_is_corrected_and_published(
    world: DeskWorld, faq_dir: Path
) -> None:
    browser, page = await editor(world), await address(world)
    await press(browser, page, "retirar", motivo_retiro="El muelle está en reparación")
    shown = (await browser.get(page)).text
    ends = re.search(r'name="campo-vence" type="date" value="([^"]*)"', shown)
    assert ends and "El muelle está en reparación. Si la publicas de nuevo, vuelve a responder" in shown
    done = await press(browser, page, "publicar", **{"campo-vence": ends[1], "respuesta": "Ya está reparado."})
    assert "hecho=publicar" in str(done.headers["location"])
    await look(world, faq_dir)
    (entry,) = [one for one in world.faq.entries if one.path == "calle/bache.md"]
    assert not entry.expired(NOW.date() + timedelta(days=36500))
