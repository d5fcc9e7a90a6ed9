"""Migrates the database; imported only where needed, since loading Alembic takes 0.3 s."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory

from bot.record.engine import psycopg_url

MIGRATIONS = Path(__file__).parent / "migrations"


def migrate(url: str) -> None:
    """Migrates the database to the newest version.

    Blocks until done; may be repeated. An advisory lock admits one process at a time.
    """
    config = _config()
    config.set_main_option("sqlalchemy.url", psycopg_url(url).replace("%", "%%"))
    command.upgrade(config, "head")


def known_revisions() -> set[str]:
    """Returns the ids of all migrations in this release."""
    return {one.revision for one in ScriptDirectory.from_config(_config()).walk_revisions()}


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    return config
