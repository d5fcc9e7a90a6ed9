"""Tests what the second person reads at the desk: one request for an approval, as long as it can be given."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest_asyncio
from sqlalchemy import select

from bot.agency.model import Agency
from bot.desk.pages.notices.page import PATH
from bot.record.engine import Sessions
from bot.record.tables import Staff
from bot.tickets.staff_notices import StaffNotices
from tests.desk_world import DeskWorld, desk_world
from tests.integration.notices_desk import FORM, JUAN, ROSA, newest, press, written

REQUEST = "Falta tu visto bueno: Rosa escribió un aviso."
INCOMPLETE = "todavía no se puede publicar"
SAVED = "Guardado. Llama a otra persona"


@pytest_asyncio.fixture
async def world(redis: Any, database: Sessions, agency: Agency) -> AsyncIterator[DeskWorld]:
    async with desk_world(redis, database, agency) as made:
        await made.hire(ROSA, "Rosa", ("supervisor",))
        await made.hire(JUAN, "Juan", ("supervisor",))
        yield made


async def told(world: DeskWorld, email: str = JUAN) -> list[tuple[str, str, str]]:
    """Returns the words, the details and the page of a person's unread notices."""
    async with world.sessions() as session:
        id = await session.scalar(select(Staff.id).where(Staff.email == email))
    return [(one.by, one.text, one.page) for one in await StaffNotices(world.redis).of(str(id))]


async def test_second_person_is_asked_once_and_only_for_what_can_be_published(world: DeskWorld) -> None:
    rosa, juan = await world.sign_in(ROSA), await world.sign_in(JUAN)
    named = await written(world, rosa, texto="Vuelve a las [hora].")
    page = (await rosa.get(f"{PATH}?hecho=guardar")).text
    assert (INCOMPLETE in page, SAVED in page, await told(world)) == (True, False, [])

    for text in ("Vuelve a las 23:00.", "Vuelve a las 23:30."):
        named = await written(world, rosa, texto=text, **named)
        assert await told(world) == [(REQUEST, text, PATH)]
    page = (await rosa.get(f"{PATH}?hecho=guardar")).text
    assert (INCOMPLETE in page, SAVED in page, await told(world, ROSA)) == (False, True, [])

    done = await press(juan, que="publicar", **named)
    assert done.headers["location"] == f"{PATH}?hecho=publicar#h-running"
    assert [words.startswith("Aviso vigente") for words, *_ in await told(world)] == [True]
    assert SAVED not in (await rosa.get(f"{PATH}?hecho=guardar")).text  # her page is older than the publication


async def test_request_ends_with_the_draft(world: DeskWorld) -> None:
    rosa = await world.sign_in(ROSA)
    named = await written(world, rosa)
    assert len(await told(world)) == 1
    assert (await press(rosa, que="terminar", **named)).status_code == 303
    assert ((await newest(world)).text, await told(world)) == (FORM["texto"], [])
