"""Tests that nothing of a conversation whose data is blocked is deleted, in whatever store, until the block ends."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest_asyncio
from redis.asyncio import Redis
from sqlalchemy import text

from bot.conversation.files import COMPLAINT_FILES, Files
from bot.handoff.complaints.photos import folder_of
from bot.record import retention
from bot.record.engine import Sessions, open_database
from bot.store import keys
from tests.integration.test_erasure import PDF, plant
from tests.privacy_world import NAME, Places, forget_trackers, places

TERMS = retention.Terms(conversations=90, audit=730, contacts=30)
IN_TEN_YEARS = datetime.now(UTC) + timedelta(days=3650)


@pytest_asyncio.fixture
async def world(redis: Redis, database: Sessions, database_url: str, tmp_path: Path) -> AsyncIterator[Places]:
    await redis.set(keys.RESTORED, "1")
    made = places(redis, database, database_url, tmp_path)
    await plant(made)
    await Files(tmp_path / COMPLAINT_FILES).keep(folder_of(1), "hoyo.pdf", PDF)
    engine, _ = open_database(database_url)
    async with engine.begin() as connection:
        await connection.execute(text("UPDATE events SET timestamp = 1"))
        await connection.execute(text("UPDATE callbacks SET closed_at = asked_at"))
        await connection.execute(text("UPDATE complaints SET id = 1"))
        await connection.execute(text("UPDATE broadcasts SET ended_at = now()"))
    await engine.dispose()
    yield made
    await forget_trackers(database_url)


async def expired(world: Places) -> dict[str, int]:
    """Deletes what has expired in ten years; returns the number of deleted things by kind, without the zeros."""
    files, photos = Files(world.home / "files"), Files(world.home / COMPLAINT_FILES)
    stores = retention.Places(files, photos, world.database_url)
    counts = await retention.forget_once(world.sessions, TERMS, IN_TEN_YEARS, stores)
    return {kind: count for kind, count in counts.items() if count}


async def test_retention_leaves_everything_of_a_blocked_conversation_alone(world: Places) -> None:
    before = await world.data.show(NAME)
    await world.data.corrections.block(NAME)
    assert await expired(world) == {}
    assert await world.data.show(NAME) == before
    await world.data.corrections.unblock(NAME)
    counts = await expired(world)
    kinds = ("closings", "missing", "recipients", "conversations", "removed_messages", "complaints")
    assert counts == dict.fromkeys((*kinds, "files", "complaint_files", "trackers"), 1)
    left = await world.data.show(NAME)
    assert left.keys() <= {"redis", "sampled_answers", "subscriptions"}
