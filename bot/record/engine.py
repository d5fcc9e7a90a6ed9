"""Opens the database: creates an async engine and its session maker; reads long binary values."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import psycopg
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, async_sessionmaker, create_async_engine

from bot.core.secrets.encryption import MasterKeys

MASTERS = "masters"  # the key of the master keys in the ``info`` of sessions
POOL_SIZE = 10
CONNECT_TIMEOUT_S = 3
POOL_TIMEOUT_S = 15.0  # long enough for many browsers that reconnect at the same time
PERSON_WAITS_S = 5.0  # timeout of statements for which a person waits
WORK_WAITS_S = 600.0  # timeout of background statements, such as deleting old rows
# If a client is lost without a word, as in a cut of the network, its transaction would keep its locks for 2 hours.
# Shorter than the time after which a task that waits for such a lock counts as hung.
IDLE_IN_TRANSACTION_S = 120
CLIENT_CHECKED_EVERY_S = 10  # while a statement runs or waits

Sessions = async_sessionmaker[AsyncSession]


class BoundedConnection(psycopg.AsyncConnection[Any]):
    """A connection that closes itself when the server does not answer within ``answer_timeout_s``.

    A frozen server keeps its connections open and cannot apply ``statement_timeout``. Raises psycopg.OperationalError.
    """

    answer_timeout_s = WORK_WAITS_S

    async def wait(self, gen: Any, *arguments: Any, **named: Any) -> Any:
        try:
            return await super().wait(gen, *arguments, **{"timeout": self.answer_timeout_s} | named)
        except psycopg.OperationalError as error:
            if error.sqlstate is None:  # the error did not come from the server
                self.pgconn.finish()
            raise


class PersonsConnection(BoundedConnection):
    """A connection for statements whose result a person waits for, with a shorter timeout."""

    answer_timeout_s = PERSON_WAITS_S


def psycopg_url(url: str) -> str:
    """Converts a ``postgres://`` or ``postgresql://`` URL to SQLAlchemy's scheme for psycopg 3."""
    scheme, _, rest = url.partition("://")
    return f"postgresql+psycopg://{rest}" if scheme in {"postgres", "postgresql"} else url


def open_database(
    url: str, kind: type[BoundedConnection] = BoundedConnection, *, masters: MasterKeys | None = None
) -> tuple[AsyncEngine, Sessions]:
    """Returns a new engine, which replaces dead connections, and its session maker.

    ``kind`` is the class of the connections and determines the timeout of statements. Sessions without ``masters`` can
    neither read nor write encrypted texts (bot/record/transcripts). The server ends a transaction in which nothing
    happens for IDLE_IN_TRANSACTION_S seconds.
    """
    bounds = {
        "idle_in_transaction_session_timeout": IDLE_IN_TRANSACTION_S,
        "client_connection_check_interval": CLIENT_CHECKED_EVERY_S,
    }
    options = " ".join(f"-c {name}={seconds}s" for name, seconds in bounds.items())
    engine = create_async_engine(
        psycopg_url(url),
        pool_size=POOL_SIZE,
        pool_pre_ping=True,
        pool_timeout=POOL_TIMEOUT_S,
        hide_parameters=True,  # errors are logged with their statement, and parameters may contain citizens' messages
        connect_args={"async_creator_fn": kind.connect, "connect_timeout": CONNECT_TIMEOUT_S, "options": options},
    )
    return engine, sessions_of(engine, masters)


def sessions_of(engine: AsyncEngine, masters: MasterKeys | None) -> Sessions:
    """Returns a new session maker of the engine."""
    return async_sessionmaker(engine, expire_on_commit=False, info={MASTERS: masters})


async def binary_rows(session: AsyncSession, query: str, facts: Mapping[str, object]) -> list[Any]:
    """Returns a query's rows, transferred in PostgreSQL's binary format, in the session's transaction.

    For long ``bytea`` values: in the text format, which SQLAlchemy uses, they are twice as long and have to be parsed.
    Raises the same errors as other statements (sqlalchemy.exc).
    """
    connection = await session.connection()
    statement = str(text(query).compile(dialect=connection.dialect))
    raw = await connection.get_raw_connection()
    driver: psycopg.AsyncConnection[Any] = raw.driver_connection  # type: ignore[assignment]  # the engine's is psycopg's
    try:
        async with driver.cursor(binary=True) as cursor:
            await cursor.execute(statement.encode(), facts)
            return await cursor.fetchall()
    except psycopg.Error as error:
        dialect = connection.dialect
        raise DBAPIError.instance(
            statement, None, error, psycopg.Error, hide_parameters=True, dialect=dialect
        ) from error
