"""Provides the fixtures of all folders: one Valkey and one PostgreSQL per process, emptied for each test that asks.

Also sets what libraries read once: Hypothesis's profile, and how many threads numpy may use.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from dataclasses import replace

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
from bot.store.client import open_redis
from tests.faq_files import agency as demo_agency
from tests.parts import patient
from tests.quick_passwords import use_full_cost, use_quick_hashes
from tests.transcripts import MASTERS

PASSWORD = "test-password"
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
# Each run draws other examples, so few of them in each find what many would, if a little later. How long one takes is
# the machine's affair.
settings.register_profile("tests", deadline=None, max_examples=50, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("tests")
threadpool_limits(limits=1, user_api="blas")  # the test processes share the cores; spinning threads starve them


@pytest.fixture(scope="session")
def agency() -> Agency:
    # Accounts of tests sign in without a second factor, unless the test is about it.
    return demo_agency()


@pytest.fixture(scope="session", autouse=True)
def quick_passwords() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        use_quick_hashes(patch)
        yield


@pytest.fixture
def full_cost_passwords(monkeypatch: pytest.MonkeyPatch) -> None:
    """Hashes passwords as in production, for the tests of what that costs."""
    use_full_cost(monkeypatch)


@pytest.fixture(scope="session")
def redis_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    port = free_port()
    running = Running(patient(valkey_part(tmp_path_factory.mktemp("valkey"), port, PASSWORD)))
    running.wait_healthy()
    with BlockingRedis.from_url(valkey_url(port, PASSWORD)) as client:
        client.config_set("appendfsync", "no")
    yield valkey_url(port, PASSWORD)
    running.stop()


@pytest_asyncio.fixture
async def redis(redis_url: str) -> AsyncIterator[Redis]:
    client = open_redis(redis_url)
    await client.flushall()
    yield client
    await client.aclose()


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
    """Empties the database once for the module: a bot restores what is open in the record, also of other modules."""
    engine = create_engine(psycopg_url(database_url))
    with engine.begin() as connection:
        connection.exec_driver_sql(EMPTY_DATABASE)
    engine.dispose()
    return database_url


@pytest_asyncio.fixture(scope="session")
async def engine(database_url: str) -> AsyncIterator[AsyncEngine]:
    """Opens the database once: for each test, new connections and an engine that knows no SQL would cost 70 ms."""
    opened, _ = open_database(database_url)
    yield opened
    await opened.dispose()


@pytest_asyncio.fixture
async def database(engine: AsyncEngine) -> Sessions:
    """Empties the database."""
    async with engine.begin() as connection:
        await connection.exec_driver_sql(EMPTY_DATABASE)
    return sessions_of(engine, MASTERS)
