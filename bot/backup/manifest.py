"""Describes a backup: what made it, and the counts that a restore must reach."""

from __future__ import annotations

from datetime import datetime

from pydantic import BaseModel, ConfigDict

FORMAT = 1


class _Facts(BaseModel):
    model_config = ConfigDict(frozen=True)


class About(_Facts):
    """What made the backup; the first member of the archive, so that a release refuses early what it cannot restore.

    ``revision``: of the record's tables; ``redis_db``: number of the database in Redis; ``secret``: fingerprint of
    VENTANILLA_SECRET, which is never in the backup.
    """

    format: int = FORMAT
    release: str
    revision: str
    made_at: datetime
    redis_db: int
    secret: str


class Stream(_Facts):
    """One stream of the archive: its length and SHA-256."""

    bytes: int
    sha256: str


class DatabaseCounts(_Facts):
    """A database's dump, and the rows of each table at the dump's moment."""

    dump: Stream
    tables: dict[str, int]


class RedisCounts(_Facts):
    """Redis's RDB; ``keys`` is None if other databases of that Redis were in use too."""

    rdb: Stream
    keys: int | None


class FolderCounts(_Facts):
    """A folder's files: their number, their bytes together, and a SHA-256 over their names and contents."""

    files: int
    bytes: int
    sha256: str


class Manifest(_Facts):
    """The counts of everything in the backup; the last member of the archive."""

    databases: dict[str, DatabaseCounts]
    redis: RedisCounts
    folders: dict[str, FolderCounts]
