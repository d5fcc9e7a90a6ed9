"""Tests what an auditor reads of answered requests about personal data: when, by whom, in time or late; the file."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest_asyncio
from sqlalchemy import update

from bot.agency.model import Agency
from bot.desk.pages.privacy.page import FILE_PATH, PATH
from bot.desk.pages.privacy.register_file import register_csv
from bot.record.engine import Sessions
from bot.record.tables import PrivacyRequest
from bot.store import keys
from tests.desk_world import DeskWorld, desk_world
from tests.privacy_requests import PIA, RECEIPT, asked_in_chat

ANSWER = "Bloqueamos lo que pidió Rosa."
WARNING = "Ojo: los datos todavía no están bloqueados."


@pytest_asyncio.fixture
async def world(redis: Any, database: Sessions, agency: Agency) -> AsyncIterator[DeskWorld]:
    async with desk_world(redis, database, agency) as made:
        await redis.set(keys.RESTORED, "1")
        await made.hire(PIA, "Pía Ley", roles=("privacy",))
        yield made


async def answered(world: DeskWorld, days_late: int) -> tuple[str, str]:
    """Answers a request ``days_late`` days after its deadline; returns the page and the register's file."""
    pia = await world.sign_in_elsewhere(PIA)
    csrf = (await pia.get(PATH)).text.partition('name="csrf" value="')[2].partition('"')[0]
    form = {"csrf": csrf, "estado": "done", "identidad": "canal", "respuesta": ANSWER}
    await pia.post(f"{PATH}/{RECEIPT}/respuesta", data=form)
    async with world.sessions.begin() as session:
        await session.execute(update(PrivacyRequest).values(due_at=datetime.now(UTC) - timedelta(days=days_late)))
    return (await pia.get(PATH)).text, (await pia.get(FILE_PATH)).text


async def test_answered_request_says_by_whom_and_whether_in_time(world: DeskWorld) -> None:
    await asked_in_chat(world, "blocking")
    page, file = await answered(world, 0)
    assert ("por Pía Ley" in page, "Dentro del plazo" in page, ANSWER in page) == (True, True, True)
    heads, line = file.splitlines()
    assert [heads] == register_csv([]).splitlines()
    assert line.startswith(f"{RECEIPT};bloqueo;") and line.endswith(";Escribe desde la misma conversación;Pía Ley")
    assert ("Dentro del plazo" in line, ANSWER in file) == (True, False)


async def test_late_answer_stays_late_in_the_register(world: DeskWorld) -> None:
    await asked_in_chat(world)
    page, file = await answered(world, 3)
    assert ("3 días después del plazo" in page, "3 días después del plazo" in file) == (True, True)


async def test_page_warns_before_a_request_is_closed_whose_data_was_left_as_it_was(world: DeskWorld) -> None:
    await asked_in_chat(world, "blocking")
    pia = await world.sign_in_elsewhere(PIA)
    page = (await pia.get(PATH)).text
    assert WARNING in page
    csrf = page.partition('name="csrf" value="')[2].partition('"')[0]
    await pia.post(f"{PATH}/{RECEIPT}/datos", data={"csrf": csrf, "accion": "bloquear"})
    assert WARNING not in (await pia.get(PATH)).text
