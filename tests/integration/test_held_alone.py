"""Tests the lock that is held without a transaction, by a holder that works, ends or becomes unreachable."""

from __future__ import annotations

import pytest
from sqlalchemy import text

from bot.record import locks
from bot.record.engine import Sessions
from bot.record.locks import Lock, held_alone
from tests.eventually import eventually


async def is_free(database: Sessions) -> bool:
    async with held_alone(database, Lock.SPIKE_ALARMS) as is_alone:
        return is_alone


async def test_lock_has_one_holder_and_is_free_as_soon_as_that_ends(database: Sessions) -> None:
    async with held_alone(database, Lock.SPIKE_ALARMS) as is_alone:
        assert is_alone
        assert not await is_free(database)
    assert await is_free(database)


async def test_holder_that_goes_silent_loses_the_lock(database: Sessions, monkeypatch: pytest.MonkeyPatch) -> None:
    """Simulates a frozen process or one without network: the server notices only that nothing arrives."""
    monkeypatch.setattr(locks, "IDLE_S", 1)
    async with held_alone(database, Lock.SPIKE_ALARMS) as is_alone:
        assert is_alone
        await eventually(lambda: is_free(database))


async def test_holder_that_works_for_long_is_seen_by_the_server(
    database: Sessions, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(locks, "USED_EVERY_S", 0.05)
    used = text("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND query = 'SELECT 1'")

    async def is_used() -> bool:
        async with database() as session:
            return bool(await session.scalar(used))

    async with held_alone(database, Lock.SPIKE_ALARMS):
        await eventually(is_used)
        assert not await is_free(database)
