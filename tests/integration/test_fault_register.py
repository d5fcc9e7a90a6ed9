"""Tests the fault harness's register of complaints: missing, repeated and disordered changes are found."""

from __future__ import annotations

import time

from pydantic import SecretStr
from redis.asyncio import Redis
from sqlalchemy import func, update

from benchmarks.faulting.alarms import Alarms
from benchmarks.faulting.evidence import Evidence
from benchmarks.faulting.providers import Mood
from benchmarks.faulting.register import REGISTER
from benchmarks.faulting.told import DISORDERED, LIED, UNEXPLAINED
from benchmarks.faulting.verdict import BROKEN, LOST_ALARM, REFUSED_HOOK
from bot.handoff.complaints.register import Register
from bot.record.engine import Sessions
from bot.record.tables.complaints import ComplaintChange


async def drained(register: Register, sessions: Sessions) -> None:
    async with sessions.begin() as session:
        waits = ComplaintChange.export_at.is_not(None)
        await session.execute(update(ComplaintChange).where(waits).values(export_at=func.now()))
    while await register.send_one():
        pass


async def test_sent_changes_are_recorded_and_missing_or_repeated_ones_are_found(
    redis: Redis, database: Sessions, database_url: str
) -> None:
    alarms = Alarms()
    taken = alarms.register
    taken.hook.weights = {Mood.WELL: 1}

    def kinds() -> list[str]:
        return [kind for kind, _ in alarms.judge(Evidence(), ())]

    async with alarms.serving() as settings:
        url, secret = settings["COMPLAINTS_WEBHOOK_URL"], SecretStr(settings["COMPLAINTS_WEBHOOK_SECRET"])
        bot, stranger = Register(database, url, secret), Register(database, url, SecretStr("another" * 9))
        await taken.file(database_url)
        await taken.file(database_url)
        assert [len(changes) for changes in taken.stored.values()] == [2, 1]
        assert kinds() == [LOST_ALARM]
        await stranger.send_one()
        assert set(kinds()) == {REFUSED_HOOK, LOST_ALARM}
        taken.refused.clear()
        taken.hook.weights = {Mood.ACCEPTED_BROKEN: 1}
        await drained(bot, database)
        taken.hook.weights = {Mood.WELL: 1}
        for _ in range(2):
            await drained(bot, database)
        assert set(kinds()) == {LIED}
        assert alarms.unheard() == {}
        for one in (bot, stranger):
            await one.close()


def test_change_that_overtakes_is_repeated_without_a_reason_or_changed_is_found() -> None:
    taken = Alarms().register
    taken.stored = {1: [7, 8]}
    for change in (8, 7, 7):
        taken.hook.delivers(REGISTER, str(change), "", Mood.WELL, began=time.monotonic())
    bodies = [b'{"id": 8}', b'{"id": 7}', b'{"id": 7, "state": "other"}']
    taken.got = [(f"k{number}", body) for number, body in enumerate(bodies)]
    assert [kind for kind, _ in taken.judge(())] == [DISORDERED, UNEXPLAINED, BROKEN]
