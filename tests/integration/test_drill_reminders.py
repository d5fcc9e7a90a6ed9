"""Tests the reminder of a drill: once a month, to staff who write notices, at the desk and by e-mail."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest_asyncio
from sqlalchemy import func, select, update

from bot.agency.model import Agency
from bot.desk.crisis.drill_reminders import DrillReminders
from bot.desk.views.notices import notice_view
from bot.mail.senders import Sender, SendingFailed, Words
from bot.record.engine import Sessions
from bot.record.tables import DrillReminder, Notice, Staff
from bot.tickets.staff_notices import StaffNotices
from tests.desk_world import DeskWorld, desk_world
from tests.integration.notices_desk import JUAN, LEO, ROSA, press, written
from tests.slow_post import SlowPost, sent_once_without_a_transaction

DAY = timedelta(days=1)
NOW = datetime(2026, 11, 28, 15, tzinfo=UTC)


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
async def world(redis: Any, database: Sessions, agency: Agency) -> AsyncIterator[DeskWorld]:
    async with desk_world(redis, database, agency) as made:
        for email, name, role in ((ROSA, "Rosa", "supervisor"), (JUAN, "Juan", "supervisor"), (LEO, "Leo", "agent")):
            await made.hire(email, name, (role,))
        await hired(database, NOW - 40 * DAY)
        yield made


async def hired(sessions: Sessions, at: datetime) -> None:
    async with sessions.begin() as session:
        await session.execute(update(Staff).values(created_at=at))


def reminders(world: DeskWorld, post: Sender | None, days: int = 31) -> DrillReminders:
    crisis = replace(world.agency.crisis, drill_every=days * DAY)
    agency, notices = replace(world.agency, crisis=crisis), StaffNotices(world.redis)
    return DrillReminders(world.sessions, notices, agency, mail=post, site="https://chat.example/")


async def told(world: DeskWorld) -> dict[str, int]:
    async with world.sessions() as session:
        ids = {one.email: str(one.id) for one in await session.scalars(select(Staff))}
    notices = {email: await StaffNotices(world.redis).of(id) for email, id in ids.items()}
    reminding = "Toca un simulacro: van más de 31 días sin uno"
    return {email: [notice_view(one).words for one in some].count(reminding) for email, some in notices.items()}


async def test_reminder_is_sent_once_a_month_until_a_drill_took_place(world: DeskWorld) -> None:
    post = Post()
    sent = [await reminders(world, post).remind(NOW + days * DAY) for days in (0, 0, 3, 30, 31)]
    assert sent == [True, False, False, True, False]
    assert [to for to, _ in post.sent] == [JUAN, ROSA, JUAN, ROSA]
    assert "https://chat.example/desk/avisos?paquete=simulacro" in post.sent[0][1].text
    assert await told(world) == {ROSA: 2, JUAN: 2, LEO: 0}
    rosa, juan = await world.sign_in(ROSA), await world.sign_in(JUAN)
    await press(juan, que="publicar", **await written(world, rosa, simulacro="1"))
    async with world.sessions.begin() as session:
        await session.execute(update(Notice).values(published_at=NOW + 60 * DAY))
    assert [await reminders(world, post).remind(NOW + days * DAY) for days in (61, 90, 92)] == [False, False, True]


async def test_nobody_is_reminded_when_it_is_switched_off_or_on_the_first_days(world: DeskWorld) -> None:
    assert not await reminders(world, None, days=0).remind(NOW)
    await hired(world.sessions, NOW - 30 * DAY)
    assert [await reminders(world, None).remind(NOW + days * DAY) for days in (0, 2)] == [False, True]


async def test_reminder_is_sent_later_if_no_mail_goes_out(world: DeskWorld) -> None:
    post = Post()
    post.away = True
    assert not await reminders(world, post).remind(NOW)
    async with world.sessions() as session:
        assert await session.scalar(select(func.count()).select_from(DrillReminder)) == 0
    post.away = False
    assert await reminders(world, post).remind(NOW)


async def test_slow_mail_server_keeps_no_transaction_open_and_nobody_is_reminded_twice(world: DeskWorld) -> None:
    post = SlowPost()
    await sent_once_without_a_transaction(world.sessions, post, lambda: reminders(world, post).remind(NOW))
    assert post.sent == [JUAN, ROSA]
