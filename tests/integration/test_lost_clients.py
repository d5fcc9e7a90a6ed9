"""Tests that a client that is lost during a transaction does not keep its locks."""

from __future__ import annotations

import asyncio

import pytest
from sqlalchemy import text

from bot.record import engine
from tests.eventually import PATIENCE_S

LOCK = text("SELECT pg_advisory_xact_lock(4711)")


async def test_transaction_of_a_lost_client_is_ended_and_others_go_on(
    database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine, "IDLE_IN_TRANSACTION_S", 1)
    lost, of_lost = engine.open_database(database_url)
    other, of_other = engine.open_database(database_url)
    session = of_lost()
    await session.execute(LOCK)
    async with asyncio.timeout(PATIENCE_S), of_other.begin() as waiting:
        await waiting.execute(LOCK)
    await session.invalidate()
    await other.dispose()
    await lost.dispose()
