"""Remembers the vector of every text that was embedded, on disk, so that a restart embeds nothing again.

Between ``encoder`` and ``index``: an edited entry costs only its new wordings. One SQLite file below the home folder,
shared by all processes; a damaged or locked file costs time, never an answer.
"""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Callable, Sequence
from contextlib import closing
from pathlib import Path

import numpy as np

from bot.core.logs import log
from bot.faq.encoder.encoder import Embedder, Vectors

FILE = "vectors.sqlite"
LOCK_TIMEOUT_S = 5.0
KEYS_A_QUERY = 500
TEXTS_A_STEP = 64
Told = Callable[[float], None]
SCHEMA = "CREATE TABLE IF NOT EXISTS vector (key BLOB PRIMARY KEY, value BLOB NOT NULL) WITHOUT ROWID"


class VectorCache:
    """An Embedder that asks ``encoder`` only for texts it has never seen. For the FAQ's texts, not for citizens'."""

    def __init__(self, encoder: Embedder, home: Path, told: Told = lambda share: None) -> None:
        """``told`` hears the share done of each ``embed`` that has much to do."""
        self._encoder, self._told = encoder, told
        self._path = home / FILE
        self.fingerprint = encoder.fingerprint

    def embed(self, texts: Sequence[str]) -> Vectors:
        """As the encoder's, in the same order."""
        if not texts:
            return self._encoder.embed(texts)
        keys = {text: self._key(text) for text in texts}
        known = self._read(list(keys.values()))
        missing = sorted((text for text, key in keys.items() if key not in known), key=lambda text: (len(text), text))
        for start in range(0, len(missing), TEXTS_A_STEP):
            part = missing[start : start + TEXTS_A_STEP]
            made = dict(zip((keys[text] for text in part), self._encoder.embed(part), strict=True))
            self._write(made)
            known |= made
            self._told((start + len(part)) / len(missing))
        return np.array([known[keys[text]] for text in texts], dtype=np.float32)

    def _key(self, text: str) -> bytes:
        return hashlib.sha256(f"{self.fingerprint}\n{text}".encode("utf-8", "surrogatepass")).digest()

    def _read(self, keys: list[bytes]) -> dict[bytes, Vectors]:
        found: dict[bytes, Vectors] = {}
        try:
            with closing(self._open()) as database:
                for start in range(0, len(keys), KEYS_A_QUERY):
                    part = keys[start : start + KEYS_A_QUERY]
                    marks = ",".join("?" * len(part))
                    rows = database.execute(f"SELECT key, value FROM vector WHERE key IN ({marks})", part)  # noqa: S608
                    found |= {bytes(key): np.frombuffer(value, dtype=np.float32) for key, value in rows}
        except sqlite3.DatabaseError as error:
            self._give_up(error)
        return found

    def _write(self, vectors: dict[bytes, Vectors]) -> None:
        try:
            with closing(self._open()) as database, database:
                rows = [(key, vector.tobytes()) for key, vector in vectors.items()]
                database.executemany("INSERT OR IGNORE INTO vector VALUES (?, ?)", rows)
        except sqlite3.DatabaseError as error:
            self._give_up(error)

    def _open(self) -> sqlite3.Connection:
        return _opened(self._path)

    def _give_up(self, error: sqlite3.DatabaseError) -> None:
        """Goes on without the memory; a damaged file is dropped so that the next time makes a new one."""
        log.warning("vectors_unusable", problem=str(error))
        if not isinstance(error, sqlite3.OperationalError):
            self._path.unlink(missing_ok=True)


def adopt_vectors(home: Path, other: Path) -> None:
    """Remembers below ``home`` what was embedded into the file ``other``, so that it is not embedded again."""
    try:
        with closing(_opened(home / FILE)) as database:
            database.execute("ATTACH ? AS other", (str(other),))
            with database:
                database.execute("INSERT OR IGNORE INTO vector SELECT key, value FROM other.vector")
    except sqlite3.DatabaseError as error:
        log.warning("vectors_not_adopted", problem=str(error))


def _opened(path: Path) -> sqlite3.Connection:
    path.parent.mkdir(parents=True, exist_ok=True)
    database = sqlite3.connect(path, timeout=LOCK_TIMEOUT_S)
    database.execute("PRAGMA journal_mode=WAL")
    database.execute(SCHEMA)
    return database
