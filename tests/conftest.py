"""Real servers for the tests: one Valkey and one PostgreSQL a run, clean for each test that asks."""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import pytest_asyncio
from redis.asyncio import Redis
from sqlalchemy import text

from bot.agency import Agency, load_agency
from bot.conversation.connect import open_redis
from bot.db.engine import Sessions, migrate, open_database
from bot.db.tables import Base
from bot.run.part import Running
from bot.run.ports import free_port
from bot.run.postgres import make_databases, postgres_part, postgres_url
from bot.run.valkey import valkey_part, valkey_url
from tests.system import HOME, Installation, installed

ROOT = Path(__file__).parent.parent
PASSWORD = "test-password"


@pytest.fixture(scope="session")
def agency() -> Agency:
    return load_agency(ROOT / "agency.yml")


@pytest.fixture(scope="session")
def redis_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    port = free_port()
    running = Running(valkey_part(tmp_path_factory.mktemp("valkey"), port, PASSWORD))
    running.wait_healthy()
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
    running = Running(postgres_part(tmp_path_factory.mktemp("postgres"), port, PASSWORD))
    running.wait_healthy()
    make_databases(port, PASSWORD)
    url = postgres_url(port, PASSWORD)
    migrate(url)
    yield url
    running.stop()


@pytest_asyncio.fixture
async def database(database_url: str) -> AsyncIterator[Sessions]:
    engine, sessions = open_database(database_url)
    async with engine.begin() as connection:
        await connection.execute(text("SET LOCAL session_replication_role = replica"))  # the audit refuses TRUNCATE
        names = ", ".join(table.name for table in Base.metadata.sorted_tables)
        await connection.execute(text(f"TRUNCATE {names} RESTART IDENTITY CASCADE"))
    yield sessions
    await engine.dispose()


@pytest.fixture(scope="session")
def installation(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    """Everything, started once as a person would; its FAQ is a copy that tests may edit."""
    faq = tmp_path_factory.mktemp("content") / "faq"
    shutil.copytree(ROOT / "data" / "faq", faq)
    with installed(HOME, faq, WIDGET_ORIGINS="http://localhost:18999") as running:
        yield running


@pytest.fixture
def assistant_url(installation: Installation) -> str:
    return installation.url
