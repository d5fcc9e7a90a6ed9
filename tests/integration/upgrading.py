"""Configures Alembic for the tests of migrations."""

from __future__ import annotations

from alembic.config import Config

from bot.record.engine import psycopg_url
from bot.record.migrate import MIGRATIONS


def alembic(url: str) -> Config:
    """Returns the configuration that migrates the database at ``url``."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.set_main_option("sqlalchemy.url", psycopg_url(url).replace("%", "%%"))
    return config
