"""Caches on disk what is computed from the FAQ's and the project's own texts, so that no start computes it again.

The cache is one SQLite file in the home folder, shared by all processes. While it cannot be used, for example because
it is locked, everything is computed again. A damaged file is deleted. In a read-only home folder, the file is only
read.
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from pathlib import Path

from bot.core.disk import is_writable
from bot.core.logs import log
from bot.faq.encoder.folder import VECTORS

LOCK_TIMEOUT_S = 5.0
KEYS_A_QUERY = 500
TABLES = ("vector", "words")
ORIGINS = 3  # origins whose values are kept, so that alternating origins do not delete each other's values
ORIGIN_BYTES, LONGEST_KEY = 8, 64


class Kept:
    """One of the TABLES of the cache file in ``home``; each key is a hash of everything that its value depends on."""

    def __init__(self, home: Path, table: str) -> None:
        assert table in TABLES  # noqa: S101  (the name becomes part of a query)
        self._path, self._table = home / VECTORS, table

    def read(self, keys: Sequence[bytes]) -> dict[bytes, bytes]:
        """Returns the cached values of ``keys``; {} if the file is unusable."""
        found: dict[bytes, bytes] = {}
        with self._giving_up(), closing(self._opened()) as database:
            for start in range(0, len(keys), KEYS_A_QUERY):
                part = keys[start : start + KEYS_A_QUERY]
                placeholders = ",".join("?" * len(part))
                found |= database.execute(f"SELECT key, value FROM {self._table} WHERE key IN ({placeholders})", part)  # noqa: S608
        return found

    def write(self, values: Mapping[bytes, bytes]) -> None:
        """Adds values by their keys; does not replace cached values. Logs if the file is unusable."""
        if not self._is_writable():
            return
        with self._giving_up(), closing(opened(self._path)) as database, database:
            database.executemany(f"INSERT OR IGNORE INTO {self._table} VALUES (?, ?)", values.items())  # noqa: S608

    def use(self, origin: bytes) -> None:
        """Records that the values whose keys begin with ``origin`` (ORIGIN_BYTES bytes) are in use.

        Deletes the values of all origins except the ORIGINS used last.
        """
        if not self._is_writable():
            return
        with self._giving_up(), closing(opened(self._path)) as database, database:
            database.execute("INSERT OR REPLACE INTO origin VALUES (?, ?)", (origin, time.time()))
            older = database.execute("SELECT origin FROM origin ORDER BY used DESC LIMIT -1 OFFSET ?", (ORIGINS,))
            for (one,) in older.fetchall():
                end = one + b"\xff" * LONGEST_KEY
                database.execute(f"DELETE FROM {self._table} WHERE key >= ? AND key < ?", (one, end))  # noqa: S608
                database.execute("DELETE FROM origin WHERE origin = ?", (one,))

    def _opened(self) -> sqlite3.Connection:
        # SQLite would write beside a file in WAL mode even to read it, unless nobody else writes the file.
        return (
            opened(self._path)
            if self._is_writable()
            else sqlite3.connect(f"{self._path.absolute().as_uri()}?immutable=1", uri=True)
        )

    def _is_writable(self) -> bool:
        return not self._path.parent.exists() or is_writable(self._path.parent)

    @contextmanager
    def _giving_up(self) -> Iterator[None]:
        """Logs a database error of the ``with`` block, and deletes the file if it is damaged (context manager)."""
        try:
            yield
        except sqlite3.DatabaseError as error:
            log.warning("vectors: cache unusable", problem=str(error))
            if not isinstance(error, sqlite3.OperationalError) and self._is_writable():
                self._path.unlink(missing_ok=True)


def adopt(home: Path, other: Path) -> None:
    """Copies the cached values of the file ``other`` into the cache file of ``home``; logs a database error."""
    try:
        with closing(opened(home / VECTORS)) as database, closing(opened(other)):
            database.execute("ATTACH ? AS other", (str(other),))
            with database:
                for table in (*TABLES, "origin"):
                    database.execute(f"INSERT OR IGNORE INTO {table} SELECT * FROM other.{table}")  # noqa: S608
    except sqlite3.DatabaseError as error:
        log.warning("vectors: copy failed", problem=str(error))


def opened(path: Path) -> sqlite3.Connection:
    """Opens the cache file; creates it and its tables if missing. Raises sqlite3.DatabaseError if it is unusable."""
    path.parent.mkdir(parents=True, exist_ok=True)
    database = sqlite3.connect(path, timeout=LOCK_TIMEOUT_S)
    database.execute("PRAGMA journal_mode=WAL")
    for table in TABLES:
        database.execute(f"CREATE TABLE IF NOT EXISTS {table} (key BLOB PRIMARY KEY, value BLOB NOT NULL)")
    database.execute("CREATE TABLE IF NOT EXISTS origin (origin BLOB PRIMARY KEY, used REAL NOT NULL)")
    return database
