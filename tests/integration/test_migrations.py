"""An installation of the first release goes on after the migrations: its people sign in, its audit is sealed."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest_asyncio
from alembic import command
from alembic.config import Config
from argon2 import PasswordHasher
from redis.asyncio import Redis
from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine

from bot.desk.auth.accounts import list_staff
from bot.desk.auth.sessions import Browser
from bot.desk.auth.sign_in import Auth
from bot.desk.queries.audit import AuditReader
from bot.record.engine import MIGRATIONS, migrate, open_database, psycopg_url
from bot.store.throttle import Throttle

FIRST_RELEASE = "0002"
OLD_ACCOUNT = text(
    "INSERT INTO staff (id, email, name, password_hash, roles, active, must_change_password, failed_sign_ins) "
    "VALUES (gen_random_uuid(), 'ana@x.cl', 'Ana', :hash, '{agent,admin}', true, false, 3)"
)
OLD_AUDIT = text("INSERT INTO audit (action, subject, detail) SELECT 'sign_in', '', '{}' FROM generate_series(1, 3)")


def alembic(url: str) -> Config:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.set_main_option("sqlalchemy.url", psycopg_url(url).replace("%", "%%"))
    return config


@pytest_asyncio.fixture
async def old_url(database_url: str) -> AsyncIterator[str]:
    """A database as the first release left it, with an account and three rows of audit."""
    admin = create_async_engine(psycopg_url(database_url), isolation_level="AUTOCOMMIT")
    async with admin.connect() as connection:
        await connection.execute(text("CREATE DATABASE old"))
    url = database_url.rpartition("/")[0] + "/old"
    await asyncio.to_thread(command.upgrade, alembic(url), FIRST_RELEASE)
    engine, sessions = open_database(url)
    async with sessions.begin() as session:
        await session.execute(OLD_ACCOUNT, {"hash": PasswordHasher().hash("una frase larga")})
        await session.execute(OLD_AUDIT)
    await engine.dispose()
    yield url
    async with admin.connect() as connection:
        await connection.execute(text("DROP DATABASE old WITH (FORCE)"))
    await admin.dispose()


async def test_an_account_keeps_its_team_and_the_agencys_number(old_url: str) -> None:
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
