"""Opens the record: the async engine, its session maker, and the migrations run at every start."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import psycopg
from alembic import command
from alembic.config import Config
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, async_sessionmaker, create_async_engine

MIGRATIONS = Path(__file__).parent / "migrations"
POOL_SIZE = 10
CONNECT_TIMEOUT_S = 3
POOL_TIMEOUT_S = 15.0  # longer than many browsers that come back at once keep each other waiting
PERSON_WAITS_S = 5.0
"""How long a command may take for which a person waits; PostgreSQL is frozen or overloaded when it takes longer."""
WORK_WAITS_S = 600.0
"""The same for what nobody waits for, such as deleting what is too old."""

Sessions = async_sessionmaker[AsyncSession]


class BoundedConnection(psycopg.AsyncConnection[Any]):
    """Gives up a server that does not answer, and itself: a server that stands still keeps its connections open, and
    its own ``statement_timeout`` stands still with it. Raises psycopg.OperationalError."""

    answer_timeout_s = WORK_WAITS_S

    async def wait(self, gen: Any, *arguments: Any, **named: Any) -> Any:
        try:
            return await super().wait(gen, *arguments, **{"timeout": self.answer_timeout_s} | named)
        except psycopg.OperationalError as error:
            if error.sqlstate is None:  # not what the server said
                self.pgconn.finish()
            raise


class PersonsConnection(BoundedConnection):
    """For what a person waits for."""

    answer_timeout_s = PERSON_WAITS_S


def psycopg_url(url: str) -> str:
    """``postgres://`` and ``postgresql://`` as SQLAlchemy names them for psycopg 3."""
    scheme, _, rest = url.partition("://")
    return f"postgresql+psycopg://{rest}" if scheme in {"postgres", "postgresql"} else url


def open_database(url: str, kind: type[BoundedConnection] = BoundedConnection) -> tuple[AsyncEngine, Sessions]:
    """An engine (dead connections are noticed and replaced) and the session maker that is passed around."""
    engine = create_async_engine(
        psycopg_url(url),
        pool_size=POOL_SIZE,
        pool_pre_ping=True,
        pool_timeout=POOL_TIMEOUT_S,
        connect_args={"async_creator_fn": kind.connect, "connect_timeout": CONNECT_TIMEOUT_S},
    )
    return engine, async_sessionmaker(engine, expire_on_commit=False)


def migrate(url: str) -> None:
    """Brings the database to the newest version; blocking, safe to run again, one process at a time (advisory lock)."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.set_main_option("sqlalchemy.url", psycopg_url(url).replace("%", "%%"))
    command.upgrade(config, "head")
