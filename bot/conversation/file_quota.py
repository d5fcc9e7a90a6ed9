"""Limits the total size of the files in a folder."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Iterator
from pathlib import Path

MEASURED_FOR_S = 60.0


class FileQuota:
    """A folder's quota in bytes.

    Processes that share the folder take account of each other's files after at most MEASURED_FOR_S seconds.
    """

    def __init__(self, folder: Path, most_bytes: int) -> None:
        self._folder, self._most = folder, most_bytes
        self._used, self._measured_at = 0, float("-inf")
        self._lock = threading.Lock()  # files are stored in threads

    def takes(self, size: int) -> bool:
        """Counts ``size`` bytes and returns True; returns False if they would exceed the quota. May read the folder."""
        with self._lock:
            if time.monotonic() - self._measured_at > MEASURED_FOR_S:
                self._used, self._measured_at = sum(_sizes(self._folder)), time.monotonic()
            if self._used + size > self._most:
                return False
            self._used += size
            return True


def _sizes(folder: Path) -> Iterator[int]:
    for root, _, names in os.walk(folder):
        for name in names:
            try:
                yield os.stat(os.path.join(root, name)).st_size
            except FileNotFoundError:  # deleted meanwhile
                continue
