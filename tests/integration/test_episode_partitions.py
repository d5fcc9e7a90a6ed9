"""Tests the monthly partitions of episodes: each episode has one, and a page reads only the months that it shows."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import UTC, date, datetime
from typing import Any

import pytest
from sqlalchemy import event, select, text

from bot.figures.counting import Counting
from bot.figures.daily.rollup import Rollups
from bot.figures.grouping import Grouping
from bot.figures.listing import Listing
from bot.figures.results import Period
from bot.record.engine import Sessions, open_database
from bot.record.migrate import MONTHS_AHEAD, migrate
from bot.record.tables import Episode
from tests.episode_rows import DAY, MINUTE, NOW, row, town, write

LOCKED = "SELECT relation::regclass::text FROM pg_locks WHERE pid = pg_backend_pid() AND relation IS NOT NULL"
PARTITIONS = text("SELECT inhrelid::regclass::text FROM pg_inherits WHERE inhparent = 'episodes'::regclass")
LONG_AGO, FAR_AHEAD = datetime(2026, 2, 28, 23, tzinfo=UTC), datetime(2099, 1, 1, tzinfo=UTC)


async def partitions(sessions: Sessions) -> set[str]:
    async with sessions() as session:
        return set(await session.scalars(PARTITIONS))


async def places(sessions: Sessions) -> Sequence[str]:
    async with sessions() as session:
        return (await session.scalars(select(text("tableoid::regclass::text")).select_from(Episode))).all()


def names(months: range) -> set[str]:
    """Returns the names of the partitions for ``months``, which are numbered from year 0."""
    return {f"episodes_{month // 12:04}_{month % 12 + 1:02}" for month in months}


async def test_partitions_of_the_coming_year_are_made_at_a_start(database: Sessions) -> None:
    today = date.today()
    this_month = today.year * 12 + today.month - 1
    assert names(range(this_month, this_month + MONTHS_AHEAD + 1)) <= await partitions(database)


async def test_episode_of_any_month_has_a_place_and_later_one_of_its_own(database: Sessions, database_url: str) -> None:
    rows = [row(MINUTE, now=LONG_AGO), row(20 * DAY), row(21 * DAY), row(MINUTE, now=FAR_AHEAD)]
    await write(database, rows)
    await Rollups(database).roll(NOW)
    period = Period(date(2026, 2, 1), date(2026, 12, 1))
    before = await Grouping(database).groups(period)
    assert sum(one.count for one in before["day"].values()) == 3
    await asyncio.to_thread(migrate, database_url)
    assert set(await places(database)) == {"episodes_2026_02", "episodes_2026_11", "episodes_2098_12"}
    assert await Grouping(database).groups(period) == before


async def test_start_goes_on_if_a_long_transaction_prevents_a_new_month(
    database: Sessions, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.record.migrate.LOCK_TIMEOUT", text("SET LOCAL lock_timeout = '10ms'"))
    await write(database, [row(MINUTE, now=FAR_AHEAD + 60 * DAY)])
    async with database.begin() as session:
        await session.execute(text("LOCK TABLE conversations IN ROW EXCLUSIVE MODE"))  # as whoever writes one
        await asyncio.to_thread(migrate, database_url)
    assert await places(database) == ["episodes_default"]
    await asyncio.to_thread(migrate, database_url)
    assert await places(database) == ["episodes_2099_03"]


async def test_page_of_a_period_reads_only_its_months(database: Sessions, database_url: str) -> None:
    await write(database, town(NOW, days=120, daily=5))
    await asyncio.to_thread(migrate, database_url)
    every, period = await partitions(database), Period(date(2026, 10, 10), date(2026, 11, 5))
    engine, sessions = open_database(database_url)
    read = dict[str, set[str]]()

    @event.listens_for(engine.sync_engine, "after_cursor_execute")
    def look(connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        if "FROM episodes" in statement:
            read.setdefault(statement, set()).update(every & set(connection.exec_driver_sql(LOCKED).scalars()))

    counting, grouping = Counting(sessions), Grouping(sessions)
    await counting.figures(("conversaciones",), period, NOW)
    await grouping.segments(("idioma",), period, NOW)
    await Listing(sessions).of("conversaciones", period, NOW)
    assert list(read.values()) == [{"episodes_2026_10", "episodes_2026_11"}] * 3
    await counting.compared(period, NOW)
    await engine.dispose()
    assert set().union(*read.values()) == {"episodes_2026_09", "episodes_2026_10", "episodes_2026_11"} < every
