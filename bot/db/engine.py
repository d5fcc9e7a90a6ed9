"""Opens the record: the async engine, its session maker, and the migrations run at every start."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, async_sessionmaker, create_async_engine

MIGRATIONS = Path(__file__).parent / "migrations"
POOL_SIZE = 10

Sessions = async_sessionmaker[AsyncSession]


def psycopg_url(url: str) -> str:
    """``postgres://`` and ``postgresql://`` as SQLAlchemy names them for psycopg 3."""
    scheme, _, rest = url.partition("://")
    return f"postgresql+psycopg://{rest}" if scheme in {"postgres", "postgresql"} else url


def open_database(url: str) -> tuple[AsyncEngine, Sessions]:
    """An engine (dead connections are noticed and replaced) and the session maker that is passed around."""
    engine = create_async_engine(psycopg_url(url), pool_size=POOL_SIZE, pool_pre_ping=True)
    return engine, async_sessionmaker(engine, expire_on_commit=False)


def migrate(url: str) -> None:
    """Brings the database to the newest version; blocking, safe to run again, one process at a time (advisory lock)."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.set_main_option("sqlalchemy.url", psycopg_url(url).replace("%", "%%"))
    command.upgrade(config, "head")
