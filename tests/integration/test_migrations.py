"""Tests that an installation of the first release works after the migrations: accounts sign in, the audit is sealed."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest_asyncio
from alembic import command
from argon2 import PasswordHasher
from redis.asyncio import Redis
from sqlalchemy import literal_column, select, table, text

from bot.desk.auth.accounts import list_staff
from bot.desk.auth.sessions import Browser
from bot.desk.auth.sign_in import Auth
from bot.desk.queries.audit import AuditReader
from bot.record.engine import Sessions, open_database
from bot.record.migrate import MONTHS_AHEAD, migrate
from bot.record.tables import PendingApproval, Rating, WindowStart
from bot.store.throttle import Throttle
from tests.integration.upgrading import alembic, database_at

FIRST_RELEASE = "0002"
OLD_ACCOUNT = text(
    "INSERT INTO staff (id, email, name, password_hash, roles, active, must_change_password, failed_sign_ins) "
    "VALUES (gen_random_uuid(), 'ana@x.cl', 'Ana', :hash, '{agent,admin}', true, false, 3)"
)
OLD_AUDIT = text("INSERT INTO audit (action, subject, detail) SELECT 'sign_in', '', '{}' FROM generate_series(1, 3)")
BEFORE_STANDARD_WORDS = "0016"
OLD_ROWS = (
    "INSERT INTO conversations (id, channel, started_at, last_at, answered_to) "
    "VALUES ('c1', 'web', '2026-03-02 12:00Z', '2026-03-02 12:05Z', '2026-03-02 12:04Z')",
    "INSERT INTO messages (conversation_id, feed_id, at, author, text, data) "
    "VALUES ('c1', '1-0', '2026-03-02 12:00Z', 'citizen', 'hola', '{}')",
    "INSERT INTO notes (conversation_id, feed_id, at, ticket_id, staff_id, name, text) "
    "VALUES ('c1', '2-0', '2026-03-02 12:01Z', '7', 's1', 'Ana', 'llama su hija')",
    "INSERT INTO proposals (id, conversation_id, feed_id, team, words, events, due_at, address, decision) "
    """VALUES ('p1', 'c1', '3-0', 'obras', 'cuesta?', '[{"text": "Es gratis."}]', '2026-03-02 12:03Z', 'a', 'sent')""",
    "INSERT INTO opinions (ticket_id, conversation_id, at, score, words) "
    "VALUES ('7', 'c1', '2026-03-02 12:05Z', 4, 'gracias')",
    "INSERT INTO callbacks (id, conversation_id, feed_id, number, ticket_id, team, contact_kind, shown, sealed, "
    "part_of_day, asked_at, consented_at, due_at) VALUES (1, 'c1', '4-0', 'LL-1', '7', 'obras', 'phone', '...78', 'x', "
    "'morning', '2026-03-02 12:05Z', '2026-03-02 12:05Z', '2026-03-03 12:00Z')",
)
BEFORE_PARTITIONS = "0047_callback_figures"
EPISODES_BEFORE = (
    "CREATE ROLE reader",
    "GRANT SELECT, INSERT ON episodes TO reader",
    "INSERT INTO conversations (id, channel, started_at, last_at) VALUES ('c1', 'web', now(), now())",
    "INSERT INTO episodes (conversation_id, channel, started_at, ended_at, day, hour, first_of_month, trigger, ending, "
    "messages, theme, entries, versions, probabilities, useful, asked_useful, said_useful, said_useless, said_other, "
    "offers, choices, reason, team, outcome) "
    "SELECT CASE WHEN day = '2026-03-31' THEN 'c1' END, 'web', day, day, day, 9, true, 'words', 'answered', 1, 'aseo', "
    "'{a,b}', '{v1,v2}', '{0.9,0.8}', '{t,NULL}', 1, 1, 0, 0, 0, 0, '', '', '' "
    "FROM unnest('{2024-02-29,2026-03-01,2026-03-31,2026-04-01}'::date[]) AS day",
    "INSERT INTO episode_days SELECT day, 'v', now() FROM episodes",
    "INSERT INTO conversations (id, channel, started_at, last_at) VALUES ('c2', 'whatsapp', now(), now())",
    "INSERT INTO episode_marks (conversation_id, read_up_to) VALUES ('c2', now())",
)
CAN_READ = (
    "SELECT count(*) FROM pg_class WHERE relname LIKE 'episodes%' AND relkind IN ('r', 'p') "
    "AND has_table_privilege('reader', oid, 'SELECT')"
)
NEW_NAMES = {"feed_id": "event_id", "answered_to": "processed_up_to", "sealed": "encrypted"}


@pytest_asyncio.fixture
async def old_url(database_url: str) -> AsyncIterator[str]:
    """Creates a database of the first release, with an account and three audit rows."""
    with database_at(FIRST_RELEASE, database_url) as url:
        engine, sessions = open_database(url)
        async with sessions.begin() as session:
            await session.execute(OLD_ACCOUNT, {"hash": PasswordHasher().hash("una frase larga")})
            await session.execute(OLD_AUDIT)
        await engine.dispose()
        yield url


async def test_account_keeps_its_team_and_the_default_capacity(old_url: str) -> None:
    engine, sessions = open_database(old_url)
    async with sessions.begin() as session:
        await session.execute(text(f"{OLD_ACCOUNT}".replace("ana@x.cl", "beto@x.cl")), {"hash": ""})
        await session.execute(text("UPDATE staff SET team = 'obras' WHERE email = 'beto@x.cl'"))
    await asyncio.to_thread(migrate, old_url)
    kept = {one.email: (one.teams, one.capacity) for one in await list_staff(sessions)}
    assert kept == {"ana@x.cl": ((), 0), "beto@x.cl": (("obras",), 0)}
    await asyncio.to_thread(command.downgrade, alembic(old_url), "0015")
    async with sessions() as session:
        teams = (await session.scalars(text("SELECT team FROM staff ORDER BY email"))).all()
    assert teams == [None, "obras"]
    await engine.dispose()


async def rows(sessions: Sessions, *tables: str) -> list[list[dict[str, Any]]]:
    """Returns all rows of the given tables."""
    async with sessions() as session:
        found = [await session.execute(select(literal_column("*")).select_from(table(name))) for name in tables]
        return [[dict(row) for row in one.mappings()] for one in found]


async def test_rows_survive_renamed_tables_and_columns_in_both_directions(old_url: str) -> None:
    kept = ("conversations", "messages", "notes", "callbacks")
    await asyncio.to_thread(command.upgrade, alembic(old_url), BEFORE_STANDARD_WORDS)
    engine, sessions = open_database(old_url)
    async with sessions.begin() as session:
        for row in OLD_ROWS:
            await session.execute(text(row))
    old = await rows(sessions, *kept, "proposals", "opinions")
    assert [len(each) for each in old] == [1] * 6
    await asyncio.to_thread(migrate, old_url)
    renamed = [[{NEW_NAMES.get(name, name): value for name, value in row.items()} for row in each] for each in old]
    for name, column in (
        ("messages", "masked"),
        ("messages", "terms"),
        ("conversations", "blocked_at"),
    ):  # of later migrations
        renamed[kept.index(name)][0][column] = None
    call = renamed[kept.index("callbacks")][0]
    call["promised_at"] = call["due_at"]
    assert await rows(sessions, *kept, "approvals", "ratings") == renamed
    async with sessions() as session:
        approval, rating = await session.get_one(PendingApproval, "p1"), await session.get_one(Rating, "7")
        assert (approval.event_id, approval.events, rating.score) == ("3-0", [{"text": "Es gratis."}], 4)
    await asyncio.to_thread(command.downgrade, alembic(old_url), BEFORE_STANDARD_WORDS)
    assert await rows(sessions, *kept, "proposals", "opinions") == old
    await engine.dispose()


async def test_episodes_sums_and_grants_survive_partitions_in_both_directions(old_url: str) -> None:
    await asyncio.to_thread(command.upgrade, alembic(old_url), BEFORE_PARTITIONS)
    engine, sessions = open_database(old_url)
    async with sessions.begin() as session:
        for row in EPISODES_BEFORE:
            await session.execute(text(row))
    old = await rows(sessions, "episodes", "episode_days", "episode_marks")
    await asyncio.to_thread(migrate, old_url)
    episodes, days, marks = old
    later = [one | {"judged_entry": "", "staff_entry": ""} for one in episodes]
    summed = [one | {"segments": []} for one in days]
    assert await rows(sessions, "episodes", "episode_days", "episode_marks") == [later, summed, marks]
    async with sessions.begin() as session:
        places = await session.scalars(text("SELECT tableoid::regclass::text FROM episodes ORDER BY day"))
        assert places.all() == ["episodes_2024_02", "episodes_2026_03", "episodes_2026_03", "episodes_2026_04"]
        every = MONTHS_AHEAD + 1 + 3 + 2  # with the table itself and the default partition
        assert await session.scalar(text(CAN_READ)) == every
        assert await session.scalar(select(WindowStart.day)) == datetime.now(UTC).date() + timedelta(days=1)
    await asyncio.to_thread(command.downgrade, alembic(old_url), BEFORE_PARTITIONS)
    assert await rows(sessions, "episodes", "episode_days", "episode_marks") == old
    async with sessions.begin() as session:
        assert await session.scalar(text(CAN_READ)) == 1
        await session.execute(text("DELETE FROM conversations"))
        left = await session.scalars(text("SELECT day::text FROM episode_days ORDER BY 1"))
        assert left.all() == ["2024-02-29", "2026-03-01", "2026-04-01"]
        await session.execute(text("DROP OWNED BY reader; DROP ROLE reader"))
    await engine.dispose()


async def test_accounts_of_the_first_release_sign_in_and_its_audit_is_sealed(old_url: str, redis: Redis) -> None:
    await asyncio.to_thread(migrate, old_url)
    engine, sessions = open_database(old_url)
    chain = await AuditReader(sessions, "UTC").chain()
    assert (chain.rows, chain.broken) == (3, None)
    auth = Auth(sessions, throttle=Throttle(redis), secret="s", agency="X")
    tried = await auth.sign_in("ana@x.cl", "una frase larga", Browser())
    who = await auth.browsers.find(tried.token)
    assert (who.staff.roles, who.staff.has_second_factor) == (("agent", "admin"), False)  # type: ignore[union-attr]
    await engine.dispose()
