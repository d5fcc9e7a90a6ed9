"""Measures free disk space and decides which activities the space allows: file uploads stop first, answers never.

Also replaces files atomically, and syncs folders.
"""

from __future__ import annotations

import os
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from enum import IntEnum
from pathlib import Path
from typing import IO, Literal

MEGABYTE = 1024 * 1024
MEASURED_FOR_S = 2.0


def is_writable(folder: Path) -> bool:
    """Returns whether this process may write into an existing folder; False if it is mounted read-only."""
    return os.access(folder, os.W_OK)


@contextmanager
def replacing(path: Path) -> Iterator[IO[bytes]]:
    """Yields a file that replaces ``path`` atomically if the block succeeds, else is deleted (context manager).

    Only the owner may read the file. Several processes may replace it at the same time.
    """
    with tempfile.NamedTemporaryFile(dir=path.parent, prefix=".", delete=False) as fresh:
        try:
            yield fresh
            fresh.close()
            os.replace(fresh.name, path)
        except BaseException:
            Path(fresh.name).unlink(missing_ok=True)
            raise


def replace_file(path: Path, content: str | bytes) -> None:
    """Writes ``content`` to a file as ``replacing`` does: a crash leaves the old or the new content. Raises OSError."""
    with replacing(path) as fresh:
        fresh.write(content.encode() if isinstance(content, str) else content)
        fresh.flush()
        os.fsync(fresh.fileno())  # before the rename: a power cut must not leave an empty file


def write_synced(path: Path, content: bytes, mode: Literal["wb", "xb"] = "wb") -> None:
    """Writes a file and syncs it to disk; with the mode ``xb`` it must not exist. Raises OSError."""
    with path.open(mode) as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def sync_folder(folder: Path) -> None:
    """Syncs a folder to disk, so that a power cut cannot undo the creating or renaming of its files. Raises OSError."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


class Room(IntEnum):
    """The activities that the free disk space allows; each level also allows all lower levels."""

    ANSWERS = 0  # answers in existing conversations and to emergencies; always allowed
    NEW_CONVERSATIONS = 1
    SEARCH = 2  # searches and statistics: PostgreSQL may need disk space for a query
    FILES = 3


def _free(folder: Path) -> int:
    while not folder.exists():
        folder = folder.parent
    return shutil.disk_usage(folder).free


def always() -> bool:
    """Returns True; the default where free disk space is not checked, as in commands."""
    return True


class Disk:
    """The free disk space of the file system that holds the state folder.

    With less than ``floor_mb`` megabytes free, files are refused; with less than half of that, searches too; with less
    than a quarter, new conversations too.
    """

    def __init__(self, folder: Path, floor_mb: int, free: Callable[[Path], int] = _free) -> None:
        self._folder, self._floor, self._free = folder.absolute(), floor_mb * MEGABYTE, free
        self._measured_at, self._room, self._free_bytes = float("-inf"), Room.FILES, 0

    @property
    def room(self) -> Room:
        """Returns the highest level that the free space allows, measured at most MEASURED_FOR_S seconds ago.

        If the space cannot be measured, the level remains as it was; before the first measurement it is FILES.
        """
        if time.monotonic() - self._measured_at > MEASURED_FOR_S:
            self._measured_at, self._room = time.monotonic(), self._measure()
        return self._room

    @property
    def free_bytes(self) -> int:
        """Returns the free space at the last successful measurement; 0 if there was none."""
        return self._free_bytes

    @property
    def floor_bytes(self) -> int:
        return self._floor

    def has(self, needed: Room) -> bool:
        return self.room >= needed

    def _measure(self) -> Room:
        try:
            free = self._free_bytes = self._free(self._folder)
        except OSError:
            return self._room
        limits = {Room.FILES: 1, Room.SEARCH: 2, Room.NEW_CONVERSATIONS: 4}
        return next((room for room, divisor in limits.items() if free >= self._floor / divisor), Room.ANSWERS)
