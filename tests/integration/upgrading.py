"""Creates a database at an earlier migration, for the tests of migrations."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from alembic import command
from alembic.config import Config
from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine

from bot.record.engine import psycopg_url
from bot.record.migrate import MIGRATIONS


def alembic(url: str) -> Config:
    """Returns the configuration that migrates the database at ``url``."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.set_main_option("sqlalchemy.url", psycopg_url(url).replace("%", "%%"))
    return config


@asynccontextmanager
async def database_at(revision: str, database_url: str, name: str) -> AsyncIterator[str]:
    """Creates the database ``name`` at ``revision`` beside the one at ``database_url``; drops it in the end."""
    admin = create_async_engine(psycopg_url(database_url), isolation_level="AUTOCOMMIT")
    async with admin.connect() as connection:
        await connection.execute(text(f"CREATE DATABASE {name}"))
    url = f"{database_url.rpartition('/')[0]}/{name}"
    try:
        await asyncio.to_thread(command.upgrade, alembic(url), revision)
        yield url
    finally:
        async with admin.connect() as connection:
            await connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
        await admin.dispose()
