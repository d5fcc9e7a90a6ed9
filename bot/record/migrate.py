"""Migrates the database and creates the partitions of the table ``episodes`` for coming months, at every start.

Imported only where needed, since loading Alembic takes 0.3 s.
"""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine, text
from sqlalchemy.exc import OperationalError
from sqlalchemy.pool import NullPool

from bot.core.logs import log
from bot.record.engine import psycopg_url
from bot.record.locks import TAKE, Lock

MIGRATIONS = Path(__file__).parent / "migrations"
MONTHS_AHEAD = 12
# Empty if the role does not own the table.
MISSING_MONTHS = text("""
    SELECT month FROM (
        SELECT date_trunc('month', day::timestamp)::date FROM episodes_default
        UNION
        SELECT (date_trunc('month', localtimestamp) + make_interval(months => ahead))::date
        FROM generate_series(0, :ahead) AS ahead
    ) AS wanted (month), pg_class
    WHERE oid = 'episodes'::regclass AND pg_has_role(relowner, 'USAGE')
        AND to_regclass(to_char(month, '"episodes_"YYYY_MM')) IS NULL
""")
MAKE_MONTH = text("SELECT episode_month(:month)")  # of migration 0048; another process may have made it meanwhile
LOCK_TIMEOUT = text("SET LOCAL lock_timeout = '10s'")


def migrate(url: str) -> None:
    """Migrates the database to the newest version, and creates missing monthly partitions of the table ``episodes``.

    Blocks; may be repeated. An advisory lock lets only one process migrate at a time. The partitions are left to the
    next start if a table that they need is locked.
    """
    config = _config()
    config.set_main_option("sqlalchemy.url", psycopg_url(url).replace("%", "%%"))
    command.upgrade(config, "head")
    _make_months(url)


def _make_months(url: str) -> None:
    """Creates the partitions of the coming months, and of months whose episodes are in the default partition.

    If a lock cannot be acquired, logs a warning and leaves this to the next start; until then, the default partition
    takes the episodes.
    """
    engine = create_engine(psycopg_url(url), poolclass=NullPool)
    try:
        with engine.begin() as connection:
            if months := connection.scalars(MISSING_MONTHS, {"ahead": MONTHS_AHEAD}).all():
                connection.execute(LOCK_TIMEOUT)
                connection.execute(TAKE, {"lock": int(Lock.EPISODES)})  # so that nobody replaces or sums rows that move
                for month in months:
                    connection.execute(MAKE_MONTH, {"month": month})
    except OperationalError as error:
        log.warning("record: months of episodes not made", error=type(error.orig).__name__)


def known_revisions() -> set[str]:
    """Returns the ids of all migrations in this release."""
    return {one.revision for one in ScriptDirectory.from_config(_config()).walk_revisions()}


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    return config
