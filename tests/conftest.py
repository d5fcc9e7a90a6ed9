"""Real servers for the tests: one Valkey and one PostgreSQL a process, clean for each test that asks."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from redis.asyncio import Redis
from sqlalchemy import text

from bot.agency.model import Agency, load_agency
from bot.record.engine import Sessions, migrate, open_database
from bot.record.tables import Base
from bot.run.part import Running
from bot.run.ports import free_port
from bot.run.postgres import make_databases, postgres_part, postgres_url
from bot.run.valkey import valkey_part, valkey_url
from bot.store.client import open_redis

ROOT = Path(__file__).parent.parent
PASSWORD = "test-password"
LONG_STARTS = {"rasa", "installation"}
LONG_START_S = 900
for _size in ("COLUMNS", "LINES"):
    os.environ.pop(_size, None)  # bot.core.terminal's console would keep that width, whatever a test sets


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """Only with ``-n``, as ``make test`` has it."""
    from tests.scheduling import ByFile

    return ByFile(config, log)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The first test that needs it waits until Rasa is trained, or everything is installed and started."""
    for item in items:
        if not LONG_STARTS.isdisjoint(getattr(item, "fixturenames", ())):
            item.add_marker(pytest.mark.timeout(LONG_START_S))


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
