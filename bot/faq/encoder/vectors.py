"""Caches the vectors of embedded texts on disk, so that no text is embedded twice, even after a restart.

After an edit, only the entry's new utterances are embedded. The cache is one SQLite file in the home folder, shared by
all processes; while the file is damaged or locked, texts are embedded again.
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
from bot.faq.encoder.folder import VECTORS

LOCK_TIMEOUT_S = 5.0
KEYS_A_QUERY = 500
TEXTS_A_STEP = 64
EmbedProgress = Callable[[float], None]
SCHEMA = "CREATE TABLE IF NOT EXISTS vector (key BLOB PRIMARY KEY, value BLOB NOT NULL) WITHOUT ROWID"


class VectorCache:
    """An Embedder that runs the encoder only for texts not in the cache; for texts of the FAQ, not of citizens."""

    def __init__(self, encoder: Embedder, home: Path, progress: EmbedProgress = lambda share: None) -> None:
        """Wraps ``encoder``.

        After each batch, ``embed`` calls ``progress`` with the share of missing texts done (0 to 1).
        """
        self._encoder, self._progress = encoder, progress
        self._path = home / VECTORS
        self.fingerprint = encoder.fingerprint

    def embed(self, texts: Sequence[str]) -> Vectors:
        """Returns a matrix with the unit vector of each text as a row; only texts not in the cache are encoded."""
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
            self._progress((start + len(part)) / len(missing))
        return np.array([known[keys[text]] for text in texts], dtype=np.float32)

    def _key(self, text: str) -> bytes:
        return hashlib.sha256(f"{self.fingerprint}\n{text}".encode("utf-8", "surrogatepass")).digest()

    def _read(self, keys: list[bytes]) -> dict[bytes, Vectors]:
        found: dict[bytes, Vectors] = {}
        try:
            with closing(self._open()) as database:
                for start in range(0, len(keys), KEYS_A_QUERY):
                    part = keys[start : start + KEYS_A_QUERY]
                    placeholders = ",".join("?" * len(part))
                    rows = database.execute(f"SELECT key, value FROM vector WHERE key IN ({placeholders})", part)  # noqa: S608
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
        """Logs the error, and deletes the file if it is damaged; the next call then creates a new one."""
        log.warning("vectors: cache unusable", problem=str(error))
        if not isinstance(error, sqlite3.OperationalError):
            self._path.unlink(missing_ok=True)


def adopt_vectors(home: Path, other: Path) -> None:
    """Copies the vectors in the cache file ``other`` into the cache of ``home``; logs a database error."""
    try:
        with closing(_opened(home / VECTORS)) as database:
            database.execute("ATTACH ? AS other", (str(other),))
            with database:
                database.execute("INSERT OR IGNORE INTO vector SELECT key, value FROM other.vector")
    except sqlite3.DatabaseError as error:
        log.warning("vectors: copy failed", problem=str(error))


def _opened(path: Path) -> sqlite3.Connection:
    path.parent.mkdir(parents=True, exist_ok=True)
    database = sqlite3.connect(path, timeout=LOCK_TIMEOUT_S)
    database.execute("PRAGMA journal_mode=WAL")
    database.execute(SCHEMA)
    return database
