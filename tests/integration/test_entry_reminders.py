"""Tests that the people responsible for an expiring entry are reminded once, at the desk and by e-mail."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest_asyncio
from sqlalchemy import select, update

from bot.agency.model import Agency
from bot.desk.editing.staff_notices.reminders import Reminders, due
from bot.desk.pages.entries.list_page import PATH as LIST
from bot.mail.senders import Sender, SendingFailed, Words
from bot.record.engine import Sessions
from bot.record.tables import Staff
from bot.tickets.staff_notices import StaffNotices
from tests.desk_world import DeskWorld
from tests.faq_files import write_folder
from tests.integration.entry_desk import ANA, EVA, LEO, address, editor, editors, notices_of, press
from tests.slow_post import SlowPost, sent_once_without_a_transaction

TODAY = date(2026, 11, 28)


class Post:
    """A mail server that may be unreachable."""

    way = "mail"

    def __init__(self) -> None:
        self.sent: list[tuple[str, Words]] = []
        self.away = False

    async def send(self, to: str, words: Words) -> None:
        if self.away:
            raise SendingFailed(way=self.way, error="away")
        self.sent.append((to, words))


@pytest_asyncio.fixture
async def world(redis: Any, database: Sessions, agency: Agency, tmp_path: Path) -> AsyncIterator[DeskWorld]:
    async with editors(redis, database, agency, write_folder(tmp_path / "faq"), four_eyes=False) as made:
        yield made


def expiring(world: DeskWorld, days: int) -> None:
    """Sets the expiry of the first entry to ``days`` days from TODAY."""
    first, *others = world.faq.entries
    world.faq.entries = (replace(first, expires=TODAY + timedelta(days=days)), *others)


def reminders(world: DeskWorld, post: Sender | None) -> Reminders:
    notices = StaffNotices(world.redis)
    return Reminders(world.sessions, world.faq, notices, world.agency, mail=post, site="https://chat.example/")


async def test_each_reminder_is_sent_once_to_every_editor(world: DeskWorld) -> None:
    post = Post()
    for days, new in ((31, 0), (30, 1), (29, 0), (7, 1), (6, 0), (1, 1), (0, 0), (-1, 0)):
        # The date stays, the days pass: the clock moves.
        first, *others = world.faq.entries
        world.faq.entries = (replace(first, expires=TODAY), *others)
        assert await reminders(world, post).remind(TODAY - timedelta(days=days)) == new, days
    assert {to for to, _ in post.sent} == {ANA, EVA} and len(post.sent) == 6
    words = post.sent[0][1]
    assert words.subject == "Una respuesta vence el 28-11-2026"
    assert world.faq.entries[0].question in words.text and "https://chat.example/desk/respuestas" in words.text
    async with world.sessions() as session:
        ids = {one.email: str(one.id) for one in await session.scalars(select(Staff))}
    told = {email: len(await StaffNotices(world.redis).of(id)) for email, id in ids.items()}
    assert told == {ANA: 3, EVA: 3, LEO: 0}


async def test_slow_mail_server_keeps_no_transaction_open_and_nobody_is_reminded_twice(world: DeskWorld) -> None:
    expiring(world, 7)
    post = SlowPost()
    await sent_once_without_a_transaction(world.sessions, post, lambda: reminders(world, post).remind(TODAY))


async def test_reminder_is_sent_later_if_no_mail_goes_out(world: DeskWorld) -> None:
    post = Post()
    expiring(world, 5)
    post.away = True
    assert await reminders(world, post).remind(TODAY) == 0
    post.away = False
    assert await reminders(world, post).remind(TODAY) == 1


async def test_reminder_is_sent_later_if_nobody_edits_yet(world: DeskWorld) -> None:
    expiring(world, 5)
    sent = []
    for active in (False, True):
        async with world.sessions.begin() as session:
            await session.execute(update(Staff).values(active=active))
        sent.append(await reminders(world, Post()).remind(TODAY))
    assert sent == [0, 1]


async def test_without_mail_the_desk_shows_the_reminder(world: DeskWorld) -> None:
    expiring(world, 5)
    assert [one.days for one in due(world.faq.entries, TODAY)] == [7]
    assert await reminders(world, None).remind(TODAY) == 1
    expiring(world, 370)  # confirmed for another year
    assert await reminders(world, None).remind(TODAY) == 0


async def reminded(world: DeskWorld, post: Post, days: int) -> tuple[list[str], dict[str, int]]:
    """Sends reminders of the first entry; returns the recipients of e-mails, and the number of notices by person."""
    expiring(world, days)
    assert await reminders(world, post).remind(TODAY) == 1
    told = {email: len(await notices_of(world, email)) for email in (ANA, EVA, LEO)}
    return sorted(to for to, _ in post.sent), told


async def test_only_the_responsible_person_is_reminded(world: DeskWorld) -> None:
    first = world.faq.entries[0]
    page = await address(world, first.path)
    await press(await editor(world), page, "publicar", respuesta="Se avisa por teléfono.")
    assert await reminded(world, Post(), 30) == ([ANA], {ANA: 1, EVA: 0, LEO: 0})  # its last author
    async with world.sessions.begin() as session:
        leads = {"roles": ["supervisor"], "teams": [first.team]}
        await session.execute(update(Staff).where(Staff.email == LEO).values(**leads))
    post = Post()
    assert await reminded(world, post, 7) == ([ANA, LEO], {ANA: 2, EVA: 0, LEO: 1})
    assert {to: LIST in words.text for to, words in post.sent} == {ANA: True, LEO: False}  # Leo may not open it
    assert [one.page for email in (ANA, LEO) for one in await notices_of(world, email)] == [LIST, LIST, ""]
    async with world.sessions.begin() as session:
        await session.execute(update(Staff).where(Staff.email == LEO).values(teams=["obras"]))
        await session.execute(update(Staff).where(Staff.email == ANA).values(active=False))
    unit = "oirs@losaromos.example"
    world.agency = replace(world.agency, team_mails={first.team: unit})
    # Its author is gone, so all editors are told: nobody knows whether the address reaches somebody who may renew it.
    assert await reminded(world, Post(), 1) == (sorted([EVA, unit]), {ANA: 2, EVA: 1, LEO: 1})
