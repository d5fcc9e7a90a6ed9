"""Tests that staff are informed of a danger that a citizen reports who is blocked for false emergencies."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from sqlalchemy import select

import bot.core.roles
from bot.agency.model import Agency
from bot.app.tasks.ban_dangers import BanDangers
from bot.core.messages import Channel
from bot.desk.views.nickname import nickname_of
from bot.desk.views.notices import notice_view
from bot.record.ban_dangers import dangers_of_banned
from bot.record.engine import Sessions
from bot.record.tables import Staff
from bot.store import keys
from bot.tickets.staff_notices import StaffNotices
from tests.blocked import STAFF, Blocked
from tests.desk_world import DeskWorld, desk_world
from tests.recording import recording, until_recorded

SOL, LEO, ANA = "sol@x.cl", "leo@x.cl", "ana@x.cl"
CHIEF = "chief:\n  name: Jefatura\n  about: De un equipo.\n  may: [desk, answer, ban]\n"


@pytest_asyncio.fixture
async def world(
    redis: Any, database: Sessions, agency: Agency, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[DeskWorld]:
    table = tmp_path / "roles.yml"
    table.write_text(bot.core.roles.FILE.read_text(encoding="utf-8") + CHIEF, encoding="utf-8")
    monkeypatch.setattr(bot.core.roles, "FILE", table)
    async with desk_world(redis, database, agency) as made:
        await redis.set(keys.RESTORED, "1")
        await made.hire(SOL, "Sol Vera", roles=("supervisor",))
        await made.hire(LEO, "Leo Paz", roles=("chief",), teams=("obras",))
        await made.hire(ANA, "Ana Soto")
        yield made


@pytest_asyncio.fixture
async def chat(world: DeskWorld, database: Sessions, agency: Agency) -> AsyncIterator[Blocked]:
    """Begins a chat that can be blocked, and records its messages."""
    begun = Blocked(world.redis, database, agency, Channel.WEB)
    await begun.begin()
    async with recording(world.redis, world.sessions):
        yield begun


async def told(world: DeskWorld) -> list[list[str]]:
    """Returns the texts of the notices to Sol, Leo and Ana at the desk."""
    async with world.sessions() as session:
        ids = dict((await session.execute(select(Staff.email, Staff.id))).tuples().all())
    notices = [await StaffNotices(world.redis).of(str(ids[one])) for one in (SOL, LEO, ANA)]
    return [[notice_view(one).words for one in unread] for unread in notices]


async def test_staff_who_may_lift_the_block_are_notified_once_an_hour(
    world: DeskWorld, database: Sessions, chat: Blocked
) -> None:
    await chat.ban("false_alarms")
    for text in ("siento un olor", "hay olor raro seguro", "hay un incendio"):
        assert await told(world) == [[], [], []] or text == "hay un incendio"
        await chat.say(text)
        await until_recorded(world.redis)
        await BanDangers(database, world.redis).look()
    (words,), leo, ana = await told(world)
    assert nickname_of("c1") in words
    assert (leo, ana) == ([], [])


async def test_page_of_the_blocks_shows_when_a_danger_was_reported(
    world: DeskWorld, database: Sessions, chat: Blocked
) -> None:
    sol = await world.sign_in(SOL)
    await chat.ban("false_alarms")
    before = (await sol.get("/desk/bloqueos")).text
    await chat.say("hay olor raro seguro")
    await until_recorded(world.redis)
    after = (await sol.get("/desk/bloqueos")).text
    assert ["Contó un peligro:" in one for one in (before, after)] == [False, True]


async def test_danger_after_another_reason_opens_an_emergency_and_causes_no_notice(
    world: DeskWorld, database: Sessions, chat: Blocked
) -> None:
    await chat.ban("insults")
    await chat.say("hay olor raro seguro")
    await until_recorded(world.redis)
    await BanDangers(database, world.redis).look()
    assert await told(world) == [[], [], []]


async def test_danger_is_read_while_the_block_holds_and_not_once_it_was_lifted(
    world: DeskWorld, database: Sessions, chat: Blocked
) -> None:
    await chat.ban("false_alarms")
    await until_recorded(world.redis)
    assert await dangers_of_banned(database) == []
    await chat.say("hay un incendio")
    await until_recorded(world.redis)
    (found,) = await dangers_of_banned(database)
    assert found.conversation == "c1"
    await chat.book.lift(found.ban, by=STAFF, name="Sol Vera")
    assert await dangers_of_banned(database) == []
