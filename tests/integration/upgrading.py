"""Creates a database at an earlier migration, for the tests of migrations and backups."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from uuid import uuid4

import psycopg
from alembic import command
from alembic.config import Config
from psycopg import sql

from bot.record.engine import psycopg_url
from bot.record.migrate import MIGRATIONS


def alembic(url: str) -> Config:
    """Returns the configuration that migrates the database at ``url``."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.set_main_option("sqlalchemy.url", psycopg_url(url).replace("%", "%%"))
    return config


@contextmanager
def database_at(revision: str, database_url: str) -> Iterator[str]:
    """Creates a database of its own at ``revision`` beside the one at ``database_url``; drops it in the end."""
    name = f"at_{uuid4().hex}"
    url = f"{database_url.rpartition('/')[0]}/{name}"
    with psycopg.connect(database_url, autocommit=True) as admin:
        admin.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        try:
            command.upgrade(alembic(url), revision)
            yield url
        finally:
            admin.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))
