"""Tests that the benchmark's past conversations equal what the recorder would have written."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from benchmarks.end_to_end import recorded
from benchmarks.end_to_end.recorded import fill
from benchmarks.faulting.evidence import Evidence, read_record
from bot.desk.queries.search import Search
from bot.handoff.agent import Agent
from bot.record.engine import Sessions
from bot.record.tables import Message
from bot.record.transcripts.rows import encrypt_row
from tests.transcripts import MASTERS

EVA = Agent("eva", "Eva")
INDEXES = text("SELECT indexdef FROM pg_indexes WHERE tablename = 'messages' ORDER BY indexdef")


async def test_no_transaction_is_idle_while_the_record_is_filled(
    database: Sessions, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """PostgreSQL ends such a connection after a while, so a million messages were never filled."""
    idle: list[bool] = []

    async def encrypted(session: AsyncSession, *row: Any) -> Any:
        idle.append(session.in_transaction())
        return await encrypt_row(session, *row)

    monkeypatch.setattr(recorded, "encrypt_row", encrypted)
    await fill(database_url, MASTERS, 16, asked=["menta"], said=["Se vende en la feria."])
    assert idle == [False] * 16


async def test_past_messages_are_encrypted_found_and_read(database: Sessions, database_url: str) -> None:
    async with database() as session:
        before = list(await session.scalars(INDEXES))
    await fill(database_url, MASTERS, 64, asked=["zarzaparrilla", "menta"], said=["Se vende en la feria."])
    async with database() as session:
        assert list(await session.scalars(INDEXES)) == before
        assert await session.scalar(select(func.count()).where(Message.text.contains("zarzaparrilla"))) == 0
    found = await Search(database).find("zarzaparrilla", EVA)
    assert [one.conversation for one in found] == ["past-1", "past-3", "past-5", "past-7"]
    evidence = Evidence()
    await read_record(evidence, database_url, of=["past-1"])
    assert [row.text for row in evidence.rows] == ["zarzaparrilla", "Se vende en la feria."] * 4
