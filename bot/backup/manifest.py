"""Defines the metadata of a backup: its origin, and the counts and hashes that the restored data must match."""

from __future__ import annotations

from datetime import datetime

from pydantic import BaseModel, ConfigDict

# Format 2 added the folders of test messages and crisis packs, and the facts of the transparency card; format 3 what
# the agency adds to the project's data.
FORMAT = 3


class _Facts(BaseModel):
    model_config = ConfigDict(frozen=True)


class About(_Facts):
    """The origin of a backup; the archive's first member, so that a release can reject a backup from a newer release.

    ``revision`` is the Alembic revision of the record's tables, ``redis_db`` the number of the Redis database, and
    ``secret`` the fingerprint of VENTANILLA_SECRET, which itself is never in the backup.
    """

    format: int = FORMAT
    release: str
    revision: str
    made_at: datetime
    redis_db: int
    secret: str


class Stream(_Facts):
    """The length and SHA-256 of a piece of content that may span several archive members."""

    bytes: int
    sha256: str


class DatabaseCounts(_Facts):
    """The length and hash of a database's dump, and the number of rows of each dumped table."""

    dump: Stream
    tables: dict[str, int]


class RedisCounts(_Facts):
    """The length and hash of the RDB file, and the number of its keys.

    ``keys`` is None if more than one Redis database was in use, or if the file does not state the number.
    """

    rdb: Stream
    keys: int | None


class FolderCounts(_Facts):
    """The number of files in a folder, their total size, and a SHA-256 over their names and contents."""

    files: int
    bytes: int
    sha256: str


class Manifest(_Facts):
    """The counts and hashes of everything in the backup; the last member of the archive."""

    databases: dict[str, DatabaseCounts]
    redis: RedisCounts
    folders: dict[str, FolderCounts]
