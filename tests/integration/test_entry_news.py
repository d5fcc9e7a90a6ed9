"""Tests that people who must act on an entry are informed once per draft and kind, at the desk and by e-mail."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest_asyncio
from sqlalchemy import select, update

from bot.agency.model import Agency
from bot.desk.editing.staff_notices.news import MAIL_QUIET, QUIET
from bot.desk.editing.staff_notices.noting import News
from bot.desk.editing.staff_notices.reviewed import Requests
from bot.desk.pages.entries.list_page import PATH as LIST
from bot.mail.senders import SendingFailed, Words
from bot.record.engine import Sessions
from bot.record.tables import EntryDocument, EntryNews, Staff
from bot.store import keys
from bot.tickets.staff_notices import StaffNotices
from tests.desk_world import DeskWorld
from tests.faq_files import write_folder
from tests.integration.entry_desk import (
    ANA,
    EVA,
    LEO,
    address,
    edition,
    editor,
    editors,
    notices_of,
    press,
    tell,
    told,
)
from tests.slow_post import SlowPost, sent_once_without_a_transaction

QUESTION = "¿Cómo aviso de un hoyo en la calle?"
ASKS = f"Ana pide que apruebes: {QUESTION}"
PHONE = "Llama al {}."


class Post:
    """A mail server that may be unreachable, or refuse one mailbox."""

    way = "mail"

    def __init__(self, *, away: bool = False, dead: str = "") -> None:
        self.sent: list[tuple[str, Words]] = []
        self.away, self.dead = away, dead

    async def send(self, to: str, words: Words) -> None:
        if self.away or to == self.dead:
            raise SendingFailed(way=self.way, error="away")
        self.sent.append((to, words))


class Counted(StaffNotices):
    """Counts how often everybody's notices are looked up."""

    looks = 0

    async def ids_of(self, staff: Sequence[str]) -> dict[str, list[str]]:
        self.looks += 1
        return await super().ids_of(staff)


@pytest_asyncio.fixture
async def world(redis: Any, database: Sessions, agency: Agency, tmp_path: Path) -> AsyncIterator[DeskWorld]:
    async with editors(redis, database, agency, write_folder(tmp_path / "faq"), four_eyes=True) as made:
        yield made


async def test_approvers_are_notified_once_and_the_author_after_the_approval(world: DeskWorld) -> None:
    ana, page, post = await editor(world), await address(world), Post()
    await press(ana, page, "enviar", respuesta="Ahora se avisa por carta.")
    assert await tell(world, post, timedelta()) == 0  # more may come, as from an import
    await tell(world, post)
    await press(ana, page, "enviar")  # nothing changed, so nobody is told again
    await tell(world, post)
    assert (await told(world), await told(world, ANA), await told(world, LEO)) == ([ASKS], [], [])
    assert [(to, words.subject) for to, words in post.sent] == [(EVA, ASKS)]
    assert f"https://chat.example{page}" in post.sent[0][1].text
    eva = await editor(world, EVA)
    shown = (await eva.get(LIST)).text
    assert "Para ti" in shown and ASKS in shown and f'href="{page}"' in shown
    notice = re.search(r'name="aviso" value="([^"]+)"', shown)
    assert notice
    await eva.post(LIST, data={"csrf": eva.headers["X-CSRF-Token"], "aviso": notice[1]})
    assert "Para ti" not in (await eva.get(LIST)).text
    await press(eva, page, "aprobar", hash=(await edition(world)).hash)
    assert (await told(world), await told(world, ANA)) == ([], [f"Eva aprobó tu texto: {QUESTION}"])


async def test_slow_mail_server_keeps_no_transaction_open_and_news_are_mailed_once(world: DeskWorld) -> None:
    post = SlowPost()
    await press(await editor(world), await address(world), "enviar", respuesta="Ahora se avisa por carta.")
    await sent_once_without_a_transaction(world.sessions, post, lambda: tell(world, post))


async def test_several_news_at_once_are_one_notice(world: DeskWorld) -> None:
    ana = await editor(world)
    async with world.sessions() as session:
        paths = (await session.scalars(select(EntryDocument.path).order_by(EntryDocument.path).limit(2))).all()
    for path in paths:
        await press(ana, await address(world, path), "enviar", respuesta="Otra respuesta.")
    assert await told(world) == ["2 respuestas esperan tu aprobación"]
    assert (await notices_of(world, EVA))[0].page == f"{LIST}/aprobar"


async def test_request_for_an_approval_goes_once_nothing_of_it_waits(world: DeskWorld) -> None:
    ana = await editor(world)
    async with world.sessions() as session:
        paths = (await session.scalars(select(EntryDocument.path).order_by(EntryDocument.path).limit(2))).all()
    pages = [await address(world, path) for path in paths]
    for page in pages:
        await press(ana, page, "enviar", respuesta="Otra respuesta.")
    await tell(world)
    await press(ana, pages[0], "descartar")
    await tell(world)
    assert [one.by for one in await notices_of(world, EVA)] == ["2 respuestas esperan tu aprobación"]
    await press(ana, pages[1], "descartar")
    await tell(world)
    assert await notices_of(world, EVA) == []


async def test_requests_are_looked_up_only_once_the_editions_in_review_change(world: DeskWorld) -> None:
    notices = Counted(world.redis)
    requests = Requests(world.sessions, notices)
    ana, page = await editor(world), await address(world)
    await press(ana, page, "enviar", respuesta="Otra respuesta.")
    await tell(world)
    for _ in range(3):
        await requests.drop_reviewed()
    assert (notices.looks, len(await notices_of(world, EVA))) == (1, 1)
    await press(ana, page, "descartar")
    signals = await world.redis.xlen(keys.SIGNALS)
    for _ in range(3):
        await requests.drop_reviewed()
    assert (notices.looks, await notices_of(world, EVA)) == (2, [])
    assert await world.redis.xlen(keys.SIGNALS) > signals  # open pages take it away, too


async def test_request_that_arrives_while_others_are_looked_up_is_kept(world: DeskWorld) -> None:
    ana, page = await editor(world), await address(world)

    class Arriving(StaffNotices):
        async def ids_of(self, staff: Sequence[str]) -> dict[str, list[str]]:
            await press(ana, page, "enviar", respuesta="Otra respuesta.")
            await tell(world)
            return await super().ids_of(staff)

    await Requests(world.sessions, Arriving(world.redis)).drop_reviewed()
    assert [one.by for one in await notices_of(world, EVA)] == [ASKS]


async def test_minor_correction_waits_for_another_person_who_is_notified_and_reminded_after_a_day(
    world: DeskWorld,
) -> None:
    ana, eva, page = await editor(world), await editor(world, EVA), await address(world)
    await press(ana, page, "enviar", respuesta=PHONE.format("2 2555 0100"))
    await press(eva, page, "aprobar", hash=(await edition(world)).hash)
    await press(ana, page, "corregir", respuesta=PHONE.format("2 2555 0200"))
    waits = f"Ana publicó una corrección menor; falta tu mirada: {QUESTION}"
    assert await told(world) == [waits]
    day = timedelta(hours=24, minutes=1)
    await tell(world, later=day)
    await tell(world, later=day)
    assert await told(world) == [waits, f"Pasaron 24 horas y falta una segunda mirada: {QUESTION}"]
    assert [one for one in await told(world, ANA) if "mirada" in one] == []


async def test_without_a_mail_server_the_desk_shows_the_notice_and_the_mail_is_sent_later(world: DeskWorld) -> None:
    await press(await editor(world), await address(world), "enviar", respuesta="Ahora se avisa por carta.")
    await tell(world, Post(away=True))
    assert len(await notices_of(world, EVA)) == 1
    post = Post()
    await tell(world, post)
    assert [to for to, _ in post.sent] == [EVA] and len(await notices_of(world, EVA)) == 1
    async with world.sessions() as session:
        (row,) = await session.scalars(select(EntryNews))
    assert row.told_at and row.mailed_at


async def test_one_dead_mailbox_does_not_keep_others_from_their_mail(world: DeskWorld) -> None:
    ana, eva, page = await editor(world), await editor(world, EVA), await address(world)
    await press(ana, page, "enviar", respuesta="Ahora se avisa por carta.")
    await press(eva, page, "aprobar_solo", hash=(await edition(world)).hash)  # Ana is told, whose mailbox is dead
    await press(ana, await address(world, "calle/chip.md"), "enviar", respuesta="Otra respuesta.")
    post = Post(dead=ANA)
    await tell(world, post)
    assert [to for to, _ in post.sent] == [EVA]


async def test_mails_are_gathered_longer_than_notices(world: DeskWorld) -> None:
    ana, post = await editor(world), Post()
    await press(ana, await address(world), "enviar", respuesta="Ahora se avisa por carta.")
    await tell(world, post, 2 * QUIET)
    await press(ana, await address(world, "calle/chip.md"), "enviar", respuesta="Otra respuesta.")
    await tell(world, post)
    assert [words.subject for _, words in post.sent] == ["2 respuestas esperan tu aprobación"]
    assert len(await notices_of(world, EVA)) == 2


async def test_text_corrected_before_the_notice_is_announced_when_it_is_sent_again(world: DeskWorld) -> None:
    ana, page = await editor(world), await address(world)
    await press(ana, page, "enviar", respuesta="Ahora se avisa por carta.")
    await tell(world, later=timedelta())  # the worker finds it, and gathers
    await press(ana, page, "guardar", respuesta="Ahora se avisa por correo.")
    assert await told(world) == []
    await press(ana, page, "enviar")
    assert await told(world) == [ASKS]


async def test_correction_does_not_postpone_the_mail_about_an_earlier_one(world: DeskWorld) -> None:
    ana, page, post = await editor(world), await address(world), Post()
    await press(ana, page, "enviar", respuesta="Ahora se avisa por carta.")
    await tell(world, post)
    await press(ana, page, "enviar", respuesta="Ahora se avisa por correo.")
    await told(world)
    async with world.sessions.begin() as session:
        corrected = EntryNews.kind == News.CORRECTED.value
        await session.execute(update(EntryNews).where(corrected).values(at=EntryNews.at - MAIL_QUIET))
    await press(ana, page, "enviar", respuesta="Ahora se avisa por teléfono.")
    await tell(world, post, timedelta())
    assert [words.subject for _, words in post.sent] == [ASKS, f"Ana corrigió lo que espera tu aprobación: {QUESTION}"]


async def test_approver_who_missed_the_text_is_asked_for_the_text_and_not_for_its_correction(world: DeskWorld) -> None:
    ana, eva, page, post = await editor(world), await editor(world, EVA), await address(world), Post()
    await press(ana, page, "enviar", respuesta="Ahora se avisa por carta.")
    await press(eva, page, "aprobar_solo", hash=(await edition(world)).hash)  # before anybody was told
    await tell(world, post)
    await press(ana, page, "enviar", respuesta="Ahora se avisa por correo.")
    await tell(world, post)
    assert (await told(world), [words.subject for to, words in post.sent if to == EVA]) == ([ASKS], [ASKS])


async def test_text_that_nobody_could_approve_is_announced_to_an_approver_hired_later(world: DeskWorld) -> None:
    ana, page = await editor(world), await address(world)
    async with world.sessions.begin() as session:
        await session.execute(update(Staff).where(Staff.email == EVA).values(active=False))
    await press(ana, page, "enviar", respuesta="Ahora se avisa por carta.")
    await tell(world)
    async with world.sessions.begin() as session:
        await session.execute(update(Staff).where(Staff.email == EVA).values(active=True))
    await tell(world, later=timedelta(minutes=1))
    assert await told(world) == [ASKS]


async def test_mail_about_a_text_does_not_wait_for_texts_that_nobody_may_approve(world: DeskWorld) -> None:
    ana, eva, post = await editor(world), await editor(world, EVA), Post()
    for id, authors in {"chip": (eva, ana), "bache": (ana,), "basura": (eva, ana)}.items():
        page = await address(world, f"calle/{id}.md")
        await press(authors[0], page, "guardar", respuesta="Ahora se avisa por carta.")
        await press(authors[-1], page, "enviar", respuesta="Ahora se avisa por correo.")
    for later in (MAIL_QUIET - timedelta(minutes=1), MAIL_QUIET + timedelta(seconds=1)):
        await tell(world, post, later)
    assert [(to, words.subject) for to, words in post.sent] == [(EVA, ASKS)]


async def test_notified_reviewers_get_each_correction_until_the_return(world: DeskWorld) -> None:
    ana, eva, page = await editor(world), await editor(world, EVA), await address(world)
    corrected = f"Ana corrigió lo que espera tu aprobación: {QUESTION}"
    await press(ana, page, "enviar", respuesta="Ahora se avisa por carta.")
    await tell(world)
    for words in ("por correo", "por teléfono"):
        await press(ana, page, "guardar", respuesta=f"Ahora se avisa {words}.")
        before = await told(world)
        await press(ana, page, "enviar")
        assert await told(world) == [*before, corrected]
    await press(eva, page, "aprobar_solo", hash=(await edition(world)).hash)
    await press(ana, page, "enviar", respuesta="Ahora se avisa por radio.")
    assert await told(world) == [corrected, corrected]  # what asked for the approval of a text taken back is gone
    await press(eva, page, "devolver", hash=(await edition(world)).hash, motivo_devolver="Falta el número")
    await press(ana, page, "enviar", respuesta="Ahora se avisa por radio, al 133.")
    assert await told(world) == [corrected, corrected, ASKS]
