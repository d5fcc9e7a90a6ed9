"""Measures free disk space and decides what may still use it: uploads stop first, answering last."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable
from enum import IntEnum
from pathlib import Path

MEGABYTE = 1024 * 1024
MEASURED_FOR_S = 2.0


class Room(IntEnum):
    """The activities that the free disk space allows; each level includes those below it."""

    ANSWERS = 0  # in conversations that have begun, and to emergencies
    NEW_CONVERSATIONS = 1
    SEARCH = 2  # and statistics: PostgreSQL may need disk space for a query
    FILES = 3


def _free(folder: Path) -> int:
    while not folder.exists():
        folder = folder.parent
    return shutil.disk_usage(folder).free


class Disk:
    """The free disk space of the state folder.

    Below ``floor_mb`` files are refused, below half of it also searches, below a quarter also new conversations.
    """

    def __init__(self, folder: Path, floor_mb: int, free: Callable[[Path], int] = _free) -> None:
        self._folder, self._floor, self._free = folder.absolute(), floor_mb * MEGABYTE, free
        self._measured_at, self._room, self._free_bytes = float("-inf"), Room.FILES, 0

    @property
    def room(self) -> Room:
        """Returns the highest activity that the free space allows, measured at most MEASURED_FOR_S seconds ago."""
        if time.monotonic() - self._measured_at > MEASURED_FOR_S:
            self._measured_at, self._room = time.monotonic(), self._measure()
        return self._room

    @property
    def free_bytes(self) -> int:
        """Returns the free space at the last measurement; 0 before the first."""
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
