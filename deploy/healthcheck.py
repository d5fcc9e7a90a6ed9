"""Checks one address for Docker, and ends a process that hangs, which Docker itself would leave alone.

``healthcheck.py URL`` exits with 0 if the URL answers 200. After MISSES failures in a row of a service that has
answered before, it kills the container's processes; the restart policy starts them again. Needs only the standard
library.
"""

from __future__ import annotations

import contextlib
import os
import signal
import sys
import tempfile
import urllib.request
from pathlib import Path

TIMEOUT_S = 5.0
MISSES = 5  # more than a minute, with an interval of 15 s
INIT = "1"  # the container's init, which ends when its child does


def answers(url: str) -> bool:
    """Returns whether the URL answers 200 in time."""
    try:
        with urllib.request.urlopen(url, timeout=TIMEOUT_S) as answer:  # noqa: S310  (an address of docker-compose.yml)
            return bool(answer.status == 200)
    except (OSError, ValueError):
        return False


def missed(note: Path, well: bool) -> int:
    """Returns the failures since the last success, which it keeps in ``note``; 0 before the first success."""
    if well:
        note.write_text("0")
        return 0
    if not note.exists():
        return 0
    count = int(note.read_text() or 0) + 1
    note.write_text(str(count))
    return count


def children_of_init(processes: Path = Path("/proc")) -> list[int]:
    """Returns the processes that the container's init started."""
    found = []
    for stat in processes.glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            parent = stat.read_text().rsplit(")", 1)[1].split()[1]
            found += [int(stat.parent.name)] if parent == INIT else []
    return found


def main(url: str) -> int:
    well = answers(url)
    if missed(Path(tempfile.gettempdir()) / "health-misses", well) >= MISSES:
        for process in children_of_init():
            os.kill(process, signal.SIGKILL)
    return 0 if well else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
