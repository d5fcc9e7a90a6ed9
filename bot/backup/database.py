"""Dumps a PostgreSQL database as of one moment, and restores dumps, with the tools of the embedded PostgreSQL 18.

This pg_dump can also dump older servers.
"""

from __future__ import annotations

import os
import subprocess
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from typing import IO, Any

import psycopg
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from bot.backup.archive import COPY_BYTES, PieceWriter
from bot.backup.column_versions import without_column_versions
from bot.backup.errors import StoreFailed
from bot.run.postgres import binaries

PART = "postgres"
CONNECT_TIMEOUT_S = 10
TAIL_LINES = 5
TABLES = (
    "SELECT n.nspname, c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
    " WHERE c.relkind = 'r' AND n.nspname NOT IN ('pg_catalog', 'information_schema') AND n.nspname NOT LIKE 'pg\\_%'"
    " ORDER BY 1, 2"
)


class Snapshot:
    """A database as of one moment: all reads and the dump see the same rows."""

    def __init__(self, url: str, connection: psycopg.Connection[Any], name: str) -> None:
        self._url, self._connection, self._name = url, connection, name

    def tables(self) -> dict[str, int]:
        """Returns the number of rows in each table."""
        return rows_of(self._connection)

    def revision(self) -> str:
        """Returns the Alembic revision of the record's tables; '' if none is stored."""
        row = self._connection.execute("SELECT version_num FROM alembic_version").fetchone()
        return str(row[0]) if row else ""

    def dump(self, writer: PieceWriter) -> None:
        """Dumps the database into ``writer`` in pg_dump's custom format, as ``restore`` expects it.

        Raises StoreFailed.
        """
        options = ["--format=custom", "--compress=0", "--no-owner", "--no-privileges", f"--snapshot={self._name}"]
        with _tool("pg_dump", self._url, options) as output:
            for piece in without_column_versions(iter(lambda: output.read(COPY_BYTES), b"")):
                writer.write(piece)


@contextmanager
def snapshot(url: str) -> Iterator[Snapshot]:
    """Opens a read-only transaction and yields it as a Snapshot (context manager). Raises StoreFailed."""
    with connected(url) as connection:
        connection.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
        connection.execute("SET LOCAL idle_in_transaction_session_timeout = 0")  # it idles while Redis is copied
        row = connection.execute("SELECT pg_export_snapshot()").fetchone()
        yield Snapshot(url, connection, str(row[0]) if row else "")


@contextmanager
def connected(url: str) -> Iterator[psycopg.Connection[Any]]:
    """Yields a connection in autocommit mode (context manager).

    Raises StoreFailed if the database cannot be reached, and for every database error within the block.
    """
    try:
        with psycopg.connect(plain(url), autocommit=True, connect_timeout=CONNECT_TIMEOUT_S) as connection:
            yield connection
    except psycopg.Error as error:
        raise StoreFailed(parte=PART, donde=place_of(url), problema=str(error).strip()) from error


def rows_of(connection: psycopg.Connection[Any]) -> dict[str, int]:
    counted = {}
    for schema, table in connection.execute(TABLES).fetchall():
        count = sql.SQL("SELECT count(*) FROM {}").format(sql.Identifier(schema, table))
        row = connection.execute(count).fetchone()
        counted[table if schema == "public" else f"{schema}.{table}"] = int(row[0]) if row else 0
    return counted


def restore(url: str, pieces: Iterable[bytes]) -> None:
    """Fills an empty database from the pieces of a dump, in a single transaction. Raises StoreFailed."""
    options = ["--single-transaction", "--exit-on-error", "--no-owner", "--no-privileges"]
    with _tool("pg_restore", url, options, fed=True) as its_input, suppress(BrokenPipeError):
        for piece in pieces:
            its_input.write(piece)  # a broken pipe means that the tool ended early; _tool raises StoreFailed


def plain(url: str) -> str:
    """Returns the URL without SQLAlchemy's driver name."""
    return url.replace("+psycopg", "", 1)


def place_of(url: str) -> str:
    """Returns ``host:port/database`` of a URL, without the password."""
    facts = conninfo_to_dict(plain(url))
    return f"{facts.get('host', 'localhost')}:{facts.get('port', 5432)}/{facts.get('dbname', '')}"


@contextmanager
def _tool(name: str, url: str, options: list[str], *, fed: bool = False) -> Iterator[IO[bytes]]:
    """Runs a PostgreSQL tool during a ``with`` block; yields its standard input (if ``fed``) or output.

    At the end of the block, waits for the tool to end. Raises StoreFailed with the last lines of the error output if
    the tool failed. The password is passed in the environment, since every user can see command lines.
    """
    facts = {key: str(value) for key, value in conninfo_to_dict(plain(url)).items() if value is not None}
    environment = os.environ | {"PGPASSWORD": facts.pop("password", ""), "LC_ALL": "C"}
    command = [str(binaries() / name), *options, f"--dbname={make_conninfo(**facts)}"]
    ours, other = ("stdin", "stdout") if fed else ("stdout", "stdin")
    pipes: dict[str, Any] = {ours: subprocess.PIPE, other: subprocess.DEVNULL}
    with tempfile.TemporaryFile() as said:
        process = subprocess.Popen(command, env=environment, stderr=said, **pipes)  # noqa: S603  (our own command)
        pipe: IO[bytes] = getattr(process, ours)
        try:
            yield pipe
        except BaseException:
            process.kill()
            raise
        finally:
            with suppress(BrokenPipeError):
                pipe.close()
            process.wait()
        if process.returncode:
            raise StoreFailed(parte=PART, donde=place_of(url), problema=_last_words(said))


def _last_words(said: IO[bytes]) -> str:
    said.seek(0)
    lines = [line.strip() for line in said.read().decode(errors="replace").splitlines() if line.strip()]
    return " / ".join(lines[-TAIL_LINES:])
