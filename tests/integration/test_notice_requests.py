"""Tests what the second person reads at the desk: one request for an approval, as long as it can be given."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest_asyncio
from sqlalchemy import select

from bot.agency.model import Agency
from bot.desk.pages.notices.page import PATH
from bot.record.engine import Sessions
from bot.record.tables import Staff
from bot.tickets.staff_notices import StaffNotice, StaffNotices
from tests.desk_world import DeskWorld, desk_world
from tests.integration.notices_desk import FORM, JUAN, ROSA, newest, press, written

REQUEST = "Falta tu visto bueno: Rosa escribió un aviso."
INCOMPLETE = "todavía no se puede publicar"
SAVED = "Guardado. Llama a otra persona"
PUBLISHED = "Publicado.</p>"


@pytest_asyncio.fixture
async def world(redis: Any, database: Sessions, agency: Agency) -> AsyncIterator[DeskWorld]:
    async with desk_world(redis, database, agency) as made:
        await made.hire(ROSA, "Rosa", ("supervisor",))
        await made.hire(JUAN, "Juan", ("supervisor",))
        yield made


async def unread(world: DeskWorld, email: str = JUAN) -> list[StaffNotice]:
    async with world.sessions() as session:
        id = await session.scalar(select(Staff.id).where(Staff.email == email))
    return await StaffNotices(world.redis).of(str(id))


async def told(world: DeskWorld, email: str = JUAN) -> list[tuple[str, str, str]]:
    """Returns the words, the details and the page of a person's unread notices."""
    return [(one.by, one.text, one.page) for one in await unread(world, email)]


async def saved(world: DeskWorld, browser: httpx.AsyncClient, **fields: str) -> tuple[dict[str, str], str]:
    """Saves a notice; returns the fields that name it, and the page that the browser shows then."""
    done = await press(browser, **FORM | fields)
    notice = await newest(world)
    assert done.headers["location"] == f"{PATH}?hecho=guardar&aviso={notice.id}"
    return {"id": str(notice.id), "version": str(notice.version)}, (await browser.get(done.headers["location"])).text


async def test_second_person_is_asked_once_and_only_for_what_can_be_published(world: DeskWorld) -> None:
    rosa, juan = await world.sign_in(ROSA), await world.sign_in(JUAN)
    named, page = await saved(world, rosa, texto="Vuelve a las [hora].")
    assert (INCOMPLETE in page, SAVED in page, await told(world)) == (True, False, [])

    for text in ("Vuelve a las 23:00.", "Vuelve a las 23:30."):
        named, page = await saved(world, rosa, texto=text, **named)
        assert await told(world) == [(REQUEST, text, PATH)]
    assert (INCOMPLETE in page, SAVED in page, await told(world, ROSA)) == (False, True, [])

    done = await press(juan, que="publicar", **named)
    assert done.headers["location"] == f"{PATH}?hecho=publicar#h-running"
    page = (await juan.get(done.headers["location"])).text
    assert (page.count(PUBLISHED), page.index(PUBLISHED) > page.index('id="h-running"')) == (1, True)
    assert [words.startswith("Aviso vigente") for words, *_ in await told(world)] == [True]
    older = (await rosa.get(f"{PATH}?hecho=guardar&aviso={named['id']}")).text  # her page is older than the publication
    assert (SAVED in older, INCOMPLETE in older) == (False, False)


async def test_page_says_of_the_saved_draft_only_whether_it_has_gaps(world: DeskWorld) -> None:
    rosa = await world.sign_in(ROSA)
    whole, page = await saved(world, rosa)
    assert (INCOMPLETE in page, SAVED in page) == (False, True)
    _, page = await saved(world, rosa, texto="Vuelve a las [hora].")
    assert (INCOMPLETE in page, SAVED in page) == (True, False)
    again = await press(rosa, **FORM, **whole)  # the draft with gaps is newer, and still open
    page = (await rosa.get(again.headers["location"])).text
    assert (INCOMPLETE in page, SAVED in page) == (False, True)


async def test_request_ends_with_the_draft(world: DeskWorld) -> None:
    rosa = await world.sign_in(ROSA)
    named = await written(world, rosa)
    assert len(await told(world)) == 1
    assert (await press(rosa, que="terminar", **named)).status_code == 303
    assert ((await newest(world)).text, await told(world)) == (FORM["texto"], [])
