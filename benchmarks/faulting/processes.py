"""Measures memory (PSS) and open files of each part, with its child processes."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from benchmarks.faulting.system import PARTS, System

ROLLUP = "Pss:"


@dataclass(frozen=True)
class Size:
    """Memory and open files of a part; another ``pid`` than before means that it was restarted."""

    pid: int
    memory_mb: float
    files: int


def sizes(system: System) -> dict[str, Size]:
    """Measures each running part; the launcher counts without the parts it started."""
    found = {}
    for part in ("launcher", *PARTS):
        pid = system.pid(part)
        if pid is not None:
            tree = [pid] if part == "launcher" else list(family(pid))
            found[part] = Size(pid, round(sum(map(memory_mb, tree)), 1), sum(map(open_files, tree)))
    return found


def family(pid: int) -> Iterator[int]:
    """Yields the process and all its descendants."""
    yield pid
    with contextlib.suppress(OSError):
        for task in Path(f"/proc/{pid}/task").iterdir():
            for child in (task / "children").read_text().split():
                yield from family(int(child))


def memory_mb(pid: int) -> float:
    with contextlib.suppress(OSError):
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
            if line.startswith(ROLLUP):
                return int(line.split()[1]) / 1024
    return 0.0


def open_files(pid: int) -> int:
    with contextlib.suppress(OSError):
        return len(list(Path(f"/proc/{pid}/fd").iterdir()))
    return 0
