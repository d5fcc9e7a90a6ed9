"""Provides the fixtures of all folders: one Valkey and one PostgreSQL per process, emptied for each test.

Also sets what libraries read only once: Hypothesis's profile, and the number of numpy's threads.
"""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from pathlib import Path
from uuid import uuid4

import numpy  # noqa: F401  (loads the library whose threads are limited below)
import pytest
import pytest_asyncio
from hypothesis import HealthCheck, settings
from redis import Redis as BlockingRedis
from redis.asyncio import Redis
from sqlalchemy import create_engine
from sqlalchemy.ext.asyncio import AsyncEngine
from threadpoolctl import threadpool_limits

from bot.agency.model import Agency
from bot.record.engine import Sessions, open_database, psycopg_url, sessions_of
from bot.record.migrate import migrate
from bot.record.tables import Base
from bot.run.part import Running
from bot.run.ports import free_port
from bot.run.postgres import make_databases, postgres_part, postgres_url
from bot.run.valkey import valkey_part, valkey_url
from bot.store import keys
from bot.store.accounts import BOT, rules_of
from bot.store.append_only_file import AppendOnlyFile
from bot.store.client import open_redis
from tests.eventually import eventually
from tests.faq_files import agency as demo_agency
from tests.parts import patient
from tests.quick_passwords import use_full_cost, use_quick_hashes
from tests.transcripts import MASTERS, SECRET
from tests.valkey_file import file_of

PASSWORD = "test-password"
# What tests do to the shared Valkey that the bot's account may not.
TESTS_COMMANDS = """
acl|deluser acl|setuser acl|whoami blpop client|info client|list config|get config|resetstat config|set dbsize dump eval
flushall hlen hvals incrby keys mset pexpiretime psync replconf restore scard script|flush sync ttl unlink zincrby
xgroup|destroy xgroup|setid xinfo|stream
"""
# The shared PostgreSQL and Valkey are never killed; tests that kill one start their own, with every write on disk.
WITHOUT_SYNC = ("-c", "fsync=off", "-c", "synchronous_commit=off", "-c", "full_page_writes=off")
# Seven times as fast as TRUNCATE for tables that are almost empty.
EMPTY_ALL = "; ".join(f"DELETE FROM {table.name}" for table in Base.metadata.sorted_tables)  # noqa: S608  (our own names)
RESTART_SEQUENCES = (
    "SELECT setval(quote_ident(sequencename), 1, false) FROM pg_sequences"
    " WHERE last_value IS NOT NULL AND schemaname = 'public'"
)
AS_REPLICA = "SET LOCAL session_replication_role = replica"  # the audit refuses DELETE
EMPTY_DATABASE = "; ".join((AS_REPLICA, EMPTY_ALL, RESTART_SEQUENCES))  # one request: more than 2,000 tests wait for it
# Each run draws other examples, so a few per run find in time what many would; a run that must pass before a
# change lands (CI) always draws the same ones, so that it judges only the change. No deadline: machines differ.
settings.register_profile(
    "tests",
    deadline=None,
    max_examples=50,
    suppress_health_check=[HealthCheck.too_slow],
    derandomize="CI" in os.environ,
)
settings.load_profile("tests")
threadpool_limits(limits=1, user_api="blas")  # the test processes share the cores; spinning threads starve them


@pytest.fixture(scope="session")
def agency() -> Agency:
    # Accounts of tests sign in without a second factor, unless the test is about it.
    return demo_agency()


@pytest.fixture(autouse=True)
def umask_as_before() -> Iterator[None]:
    """Restores the umask, which commands such as ``ventanilla restore`` set for their process."""
    mask = os.umask(0o022)
    os.umask(mask)
    yield
    os.umask(mask)


@pytest.fixture(scope="session", autouse=True)
def quick_passwords() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        use_quick_hashes(patch)
        yield


@pytest.fixture
def full_cost_passwords(monkeypatch: pytest.MonkeyPatch) -> None:
    """Hashes passwords as in production, for tests of the cost."""
    use_full_cost(monkeypatch)


@pytest.fixture(scope="session")
def redis_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Yields the URL with the bot's account, so that code fails its test if it runs a command that the bot may not.

    The tests themselves may also run TESTS_COMMANDS.
    """
    port = free_port()
    running = Running(patient(valkey_part(tmp_path_factory.mktemp("valkey"), port, PASSWORD)))
    running.wait_healthy()
    with BlockingRedis.from_url(valkey_url(port, PASSWORD)) as client:
        client.config_set("appendfsync", "no")
        more = [f"+{command}" for command in TESTS_COMMANDS.split()]
        client.execute_command("ACL", "SETUSER", BOT, *rules_of(BOT, PASSWORD), *more)
    yield valkey_url(port, PASSWORD, BOT)
    running.stop()


@pytest_asyncio.fixture
async def redis(redis_url: str) -> AsyncIterator[Redis]:
    client = open_redis(redis_url, SECRET)
    await client.flushall()
    yield client
    await client.aclose()


@pytest_asyncio.fixture
async def valkey_folder(redis: Redis) -> Path:
    """Returns the folder of the shared Valkey, whose file contains nothing that earlier tests of this process wrote."""
    folder, file, last = Path((await redis.config_get("dir"))["dir"]), AppendOnlyFile(redis), uuid4().hex
    await redis.set(last, "")
    await redis.delete(last)
    await file.note_due()

    async def emptied() -> bool:
        await file.rewrite_if_due()
        return not await redis.exists(keys.REWRITES_DUE) and last.encode() not in file_of(folder)

    await eventually(emptied)
    return folder


@pytest.fixture(scope="session")
def database_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    port = free_port()
    part = patient(postgres_part(tmp_path_factory.mktemp("postgres"), port, PASSWORD))
    running = Running(replace(part, command=[*part.command, *WITHOUT_SYNC]))
    running.wait_healthy()
    make_databases(port, PASSWORD)
    url = postgres_url(port, PASSWORD)
    migrate(url)
    yield url
    running.stop()


@pytest.fixture(scope="module")
def empty_database_url(database_url: str) -> str:
    """Empties the database once for the module, because a bot restores all open tickets in the record."""
    engine = create_engine(psycopg_url(database_url))
    with engine.begin() as connection:
        connection.exec_driver_sql(EMPTY_DATABASE)
    engine.dispose()
    return database_url


@pytest_asyncio.fixture(scope="session")
async def engine(database_url: str) -> AsyncIterator[AsyncEngine]:
    """Opens the database once; otherwise each test would need 70 ms for new connections and an empty SQL cache."""
    opened, _ = open_database(database_url)
    yield opened
    await opened.dispose()


@pytest_asyncio.fixture
async def database(engine: AsyncEngine) -> Sessions:
    """Empties the database and returns its sessions."""
    async with engine.begin() as connection:
        await connection.exec_driver_sql(EMPTY_DATABASE)
    return sessions_of(engine, MASTERS)
