"""Tests the newest migrations on a database with rows, while a process of the release before still writes to it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest_asyncio
from sqlalchemy import text

from bot.record.engine import Sessions, open_database
from bot.record.migrate import migrate
from tests.eventually import eventually
from tests.integration.upgrading import database_at

BEFORE = "0049_figure_evidence"
ROWS = (
    "INSERT INTO staff (id, email, name, password_hash, roles, active, must_change_password) "
    "SELECT gen_random_uuid(), active::text, 'Ana', '', '{agent}', active, false "
    "FROM unnest('{t,f}'::bool[]) AS active",
    "INSERT INTO entry_documents (id, path) SELECT gen_random_uuid(), path FROM unnest('{a.md,b.md}'::text[]) AS path",
    "INSERT INTO entry_revisions (document_id, hash, content, phrases, author_name, origin, at) "
    "SELECT id, 'h' || n, '', '', '', 'disk', now() + n * interval '1 hour' "
    "FROM entry_documents, generate_series(1, 2) n",
    "INSERT INTO entry_editions (document_id, state, base_hash, hash, content, phrases, opened_at, changed_by) "
    "SELECT id, 'draft', 'h1', CASE path WHEN 'a.md' THEN 'h2' ELSE 'own' END, '', '', now() + interval '90 minutes', "
    "CASE path WHEN 'a.md' THEN '' ELSE 'Ana' END FROM entry_documents",
    "INSERT INTO caution_proposals (weeks, promised, found, low, high, ratio) VALUES (4, 1, 1, 0, 2, 1)",
    "INSERT INTO episode_sums VALUES ('2026-03-01', 'web', 'k', 'x', 1, 2, 3)",
    "INSERT INTO conversations (id, channel, started_at, last_at) VALUES ('c1', 'web', now(), now())",
)
SAID = text(
    "INSERT INTO messages (conversation_id, event_id, at, author, text, data) "
    "VALUES ('c1', :event, now(), 'citizen', 'hola', '{}')"
)
WAITS = text("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'")


@pytest_asyncio.fixture
async def url(database_url: str) -> AsyncIterator[str]:
    """Creates a database of the release before, with rows."""
    with database_at(BEFORE, database_url) as url:
        engine, sessions = open_database(url)
        async with sessions.begin() as session:
            for row in ROWS:
                await session.execute(text(row))
        await engine.dispose()
        yield url


async def writes(sessions: Sessions, stopped: asyncio.Event) -> int:
    """Writes messages, each in a transaction, until stopped; returns their number."""
    written = 0
    while not stopped.is_set():
        async with sessions.begin() as session:
            await session.execute(SAID, {"event": f"{written}-0"})
        written += 1
        await asyncio.sleep(0)
    return written


async def test_rows_and_writes_of_a_process_of_the_release_before_survive_an_upgrade(url: str) -> None:
    engine, sessions = open_database(url)
    stopped = asyncio.Event()
    writing = asyncio.create_task(writes(sessions, stopped))
    async with sessions.begin() as reading:  # as a page of the desk that is being made
        await reading.execute(text("SELECT * FROM staff"))
        upgrade = asyncio.create_task(asyncio.to_thread(migrate, url))

        async def waits() -> bool:
            async with sessions() as session:
                return bool(await session.scalar(WAITS))

        await eventually(waits)
    await upgrade
    stopped.set()
    written = await writing
    async with sessions() as session:
        assert await session.scalar(text("SELECT count(*) FROM messages")) == written > 0
        inactive = await session.execute(text("SELECT inactive_since IS NULL FROM staff ORDER BY active"))
        assert [one for (one,) in inactive] == [False, True]
        seen = await session.execute(
            text(
                "SELECT path, from_disk, one.hash FROM entry_editions JOIN entry_documents d ON d.id = document_id "
                "JOIN entry_revisions one ON one.id = disk_seen ORDER BY path"
            )
        )
        assert [tuple(row) for row in seen] == [("a.md", True, "h2"), ("b.md", False, "h1")]
        assert await session.scalar(text("SELECT mailed_at = made_at FROM caution_proposals"))
        sums = await session.execute(text("SELECT part, key, third FROM episode_sums"))
        assert [tuple(row) for row in sums] == [("", "x", 3)]
    await engine.dispose()
