"""Tests the staff's notices about public notices: requests for approval and announcements, as long as they are true."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from typing import Any

import httpx
import pytest
import pytest_asyncio
from sqlalchemy import func, select, update

from bot.agency.model import Agency
from bot.desk.crisis.book import NoticeBook, Person
from bot.desk.crisis.form import LOCAL, NoticeForm
from bot.desk.crisis.spreading import Spreading
from bot.desk.crisis.stale_requests import StaleRequests
from bot.desk.pages.notices.broadcast_page import PATH as BROADCASTS
from bot.desk.pages.notices.page import PATH
from bot.public_notices.kept import KeptNotices
from bot.public_notices.notice import Severity
from bot.record.engine import Sessions
from bot.record.tables import Notice, Staff
from bot.tickets.staff_notices import StaffNotice, StaffNotices
from tests.desk_world import DeskWorld
from tests.integration.broadcast_desk import act, published, subscribed
from tests.integration.notices_desk import FORM, JUAN, ROSA, newest, press, two_supervisors, written

REQUEST = "Falta tu visto bueno: Rosa escribió un aviso."
INCOMPLETE = "todavía no se puede publicar"
SAVED = "Guardado. Llama a otra persona"
PUBLISHED = "Publicado.</p>"


@pytest_asyncio.fixture
async def world(redis: Any, database: Sessions, agency: Agency) -> AsyncIterator[DeskWorld]:
    async with two_supervisors(redis, database, agency) as made:
        yield made


async def unread(world: DeskWorld, email: str = JUAN) -> list[StaffNotice]:
    async with world.sessions() as session:
        id = await session.scalar(select(Staff.id).where(Staff.email == email))
    return await StaffNotices(world.redis).of(str(id))


async def told(world: DeskWorld, email: str = JUAN) -> list[tuple[str, str, str]]:
    """Returns the title, the text and the page of a person's unread notices."""
    return [(one.by, one.text, one.page) for one in await unread(world, email)]


async def saved(world: DeskWorld, browser: httpx.AsyncClient, **fields: str) -> tuple[dict[str, str], str]:
    """Saves a notice; returns the form's fields that identify it, and the page that the browser shows next."""
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


async def test_page_shows_of_the_saved_draft_only_whether_it_has_gaps(world: DeskWorld) -> None:
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


async def test_editor_of_a_draft_is_not_asked_to_approve_it_any_more(world: DeskWorld) -> None:
    rosa, juan = await world.sign_in(ROSA), await world.sign_in(JUAN)
    named = await written(world, rosa)
    await written(world, juan, texto="Ya volvió.", **named)
    assert await told(world) == []
    assert await told(world, ROSA) == [("Falta tu visto bueno: Juan escribió un aviso.", "Ya volvió.", PATH)]


async def test_each_text_is_a_request_of_its_own(world: DeskWorld) -> None:
    rosa, juan = await world.sign_in(ROSA), await world.sign_in(JUAN)
    named = await written(world, rosa)
    (first,) = await unread(world)
    await written(world, rosa, texto="Vuelve a las 23:30.", **named)
    (second,) = await unread(world)
    assert first.id != second.id  # so the page alerts again
    done = await juan.post(f"/desk/api/notices/{first.id}/read")  # on a page that shows the first text
    assert (done.status_code, await unread(world)) == (204, [second])


async def test_person_who_may_not_approve_any_more_loses_the_text(world: DeskWorld) -> None:
    rosa = await world.sign_in(ROSA)
    named = await written(world, rosa)
    async with world.sessions.begin() as session:
        await session.execute(update(Staff).where(Staff.email == JUAN).values(roles=["agent"], active=False))
    assert len(await told(world)) == 1
    await press(rosa, que="terminar", **named)
    assert await told(world) == []


async def draft(world: DeskWorld, text: str, author: str = ROSA) -> tuple[Notice, Person]:
    """Writes a draft without informing anybody; returns the draft and its author."""
    async with world.sessions() as session:
        staff = (await session.scalars(select(Staff).where(Staff.email == author))).one()
    by = Person(staff.id, staff.name)
    return await NoticeBook(world.sessions).add(form(text), by), by


def form(text: str) -> NoticeForm:
    return NoticeForm(text, Severity.GRAVE, "Municipalidad", hours=4)


async def test_request_sent_after_a_later_change_has_the_newest_text(world: DeskWorld) -> None:
    book, spreading = NoticeBook(world.sessions), spreading_of(world)
    first, rosa = await draft(world, "Uno.")
    second = await book.save(first.id, first.version, form("Dos."), rosa)
    for late in (second, first):
        await spreading.ask_for_approval(late)
        assert await told(world) == [(REQUEST, "Dos.", PATH)]
    await book.end(second.id, rosa)
    await spreading.ask_for_approval(second)
    assert await told(world) == []


async def test_page_drops_requests_that_its_viewer_cannot_answer(world: DeskWorld) -> None:
    book, spreading, juan = NoticeBook(world.sessions), spreading_of(world), await world.sign_in(JUAN)
    drafts = [await draft(world, text) for text in ("Queda.", "Se descarta.", "De Juan.", "Con huecos.")]
    for one, _ in drafts:
        await spreading.ask_for_approval(one)
    assert len(await told(world)) == 4
    (_, rosa), (discarded, _), (his, _), (incomplete, _) = drafts
    _, by_juan = await draft(world, "Otro.", JUAN)
    await book.end(discarded.id, rosa)  # changed without an event, as while Redis is away
    await book.save(his.id, his.version, form("De Juan."), by_juan)
    await book.save(incomplete.id, incomplete.version, form("Con [huecos]."), rosa)
    await juan.get(PATH)
    assert [text for _, text, _ in await told(world)] == ["Queda."]


@pytest.mark.parametrize("lost", [{"roles": ["agent"]}, {"active": False}])
async def test_person_without_the_permission_keeps_no_text_of_a_draft(world: DeskWorld, lost: dict[str, Any]) -> None:
    (one, _), requests = (
        await draft(world, "Se cortó el agua."),
        StaleRequests(world.sessions, StaffNotices(world.redis)),
    )
    await spreading_of(world).ask_for_approval(one)
    await requests.drop()
    assert [text for _, text, _ in await told(world)] == ["Se cortó el agua."]
    async with world.sessions.begin() as session:
        await session.execute(update(Staff).where(Staff.email == JUAN).values(lost))
    await requests.drop()
    assert await told(world) == []


async def corrected(world: DeskWorld, notice: Notice, text: str) -> dict[str, str]:
    """Drafts a correction of a running notice, as Rosa; returns the form's fields that identify it."""
    return await written(world, await world.sign_in(ROSA), texto=text, id=str(notice.id), version=str(notice.version))


async def running(world: DeskWorld) -> list[str]:
    async with world.sessions() as session:
        return list(await session.scalars(select(Notice.text).where(Notice.state == "running")))


async def test_correction_that_waits_ends_with_the_lifted_notice_and_can_be_written_again(world: DeskWorld) -> None:
    await published(world)
    notice, rosa, juan = await newest(world), await world.sign_in(ROSA), await world.sign_in(JUAN)
    correction = await corrected(world, notice, "Vuelve a las 04:00.")
    assert "Corrige un aviso que ya se publicó" in (await juan.get(PATH)).text
    lifted = await press(rosa, que="terminar", id=str(notice.id))
    assert [one for one, *_ in await told(world)] == []
    assert (await press(juan, que="publicar", **correction)).status_code == 409
    page = (await rosa.get(lifted.headers["location"])).text
    again = re.search(r'se descartó su corrección[^<]*<a href="([^"]+)"', page)
    assert (await running(world), again is not None) == ([], True)
    assert again and "Vuelve a las 04:00." in (await rosa.get(again[1])).text


async def test_older_correction_does_not_replace_a_newer_one(world: DeskWorld) -> None:
    await published(world)
    notice, juan = await newest(world), await world.sign_in(JUAN)
    older, newer = [await corrected(world, notice, text) for text in ("Sector norte.", "Sector sur.")]
    latest = await corrected(world, notice, "Sector sur, hasta las 04:00.")
    assert [(await press(juan, que="publicar", **one)).status_code for one in (newer, older)] == [303, 409]
    assert await running(world) == ["Sector sur."]
    requests = [text for words, text, _ in await told(world) if words == REQUEST]
    assert requests == ["Sector sur, hasta las 04:00."]
    assert (await press(juan, que="publicar", **latest)).status_code == 303


async def announcements(world: DeskWorld) -> list[str]:
    return [text for words, text, _ in await told(world) if words.startswith("Aviso vigente")]


async def test_desk_announces_only_the_newest_text_of_a_running_notice(world: DeskWorld) -> None:
    rosa, juan = await world.sign_in(ROSA), await world.sign_in(JUAN)
    for text in ("Otro asunto.", "Vuelve a las 02:00."):
        await press(juan, que="publicar", **await written(world, rosa, texto=text))
    first = await newest(world)
    correction = await written(world, rosa, texto="Vuelve a las 04:00.", id=str(first.id), version=str(first.version))
    assert await announcements(world) == ["Otro asunto.", "Vuelve a las 02:00."]
    await press(juan, que="publicar", **correction)
    assert await announcements(world) == ["Otro asunto.", "Vuelve a las 04:00."]
    await press(rosa, que="terminar", id=correction["id"])
    assert await announcements(world) == ["Otro asunto."]


async def test_desk_does_not_announce_that_people_read_a_notice_that_starts_later(world: DeskWorld) -> None:
    later = datetime.now(world.agency.zone) + timedelta(hours=2)
    await published(world, desde=later.strftime(LOCAL))
    (words,) = [one for one, *_ in await told(world)]
    assert (f"{later:%H:%M}, publicado por Juan" in words, "Hasta entonces nadie lo lee" in words) == (True, True)


async def test_agent_puts_an_announcement_away(world: DeskWorld) -> None:
    rosa, juan = await world.sign_in(ROSA), await world.sign_in(JUAN)
    await press(juan, que="publicar", **await written(world, rosa))
    (announcement,) = await unread(world)
    done = await juan.post(f"/desk/api/notices/{announcement.id}/read")
    assert (done.status_code, await unread(world)) == (204, [])


async def test_announcement_ends_with_the_time_of_the_notice(world: DeskWorld) -> None:
    rosa, juan = await world.sign_in(ROSA), await world.sign_in(JUAN)
    await press(juan, que="publicar", **await written(world, rosa))
    requests = StaleRequests(world.sessions, StaffNotices(world.redis))
    await requests.drop()
    assert await announcements(world) == [FORM["texto"]]
    async with world.sessions.begin() as session:
        await session.execute(update(Notice).values(ends_at=func.now()))
    await requests.drop()
    assert await announcements(world) == []


async def test_others_are_asked_to_start_a_planned_broadcast_until_somebody_starts_or_discards_it(
    world: DeskWorld,
) -> None:
    def asked(some: list[tuple[str, str, str]]) -> list[str]:
        return [page for words, _, page in some if words.startswith("Falta iniciar un envío: Rosa")]

    await subscribed(world.sessions, "c1")
    id = await published(world)
    requests = StaleRequests(world.sessions, StaffNotices(world.redis))
    for who, what in ((ROSA, "deshacer"), (JUAN, "partir")):
        await act(world, ROSA, id, "planificar")
        await requests.drop()
        assert (asked(await told(world)), asked(await told(world, ROSA))) == ([f"{BROADCASTS}/{id}"], [])
        await act(world, who, id, what)
        assert asked(await told(world)) == []


async def test_request_to_start_a_broadcast_ends_with_its_notice(world: DeskWorld) -> None:
    await subscribed(world.sessions, "c1")
    id = await published(world)
    await act(world, ROSA, id, "planificar")
    await press(await world.sign_in(ROSA), que="terminar", id=str(id))
    await StaleRequests(world.sessions, StaffNotices(world.redis)).drop()
    assert await told(world) == []


def spreading_of(world: DeskWorld) -> Spreading:
    return Spreading(world.sessions, KeptNotices(world.redis), StaffNotices(world.redis))
