"""Measures the memory (PSS), processor time and open files of each part, including its child processes.

Also measures how long the machine's processes waited for a processor, and lists a process's local ports.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

LAUNCHER = "launcher"
PRESSURE = Path("/proc/pressure/cpu")
ROLLUP = "Pss:"
TICKS_A_SECOND = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True)
class Size:
    """The memory and open files of a part; a changed ``pid`` means that the part was restarted."""

    pid: int
    memory_mb: float
    files: int


def sizes(pids: Mapping[str, int]) -> dict[str, Size]:
    """Measures each part of ``pids``; the launcher's size excludes the parts started by it."""
    found = {}
    for part, pid in pids.items():
        tree = _tree(part, pid)
        found[part] = Size(pid, round(sum(map(memory_mb, tree)), 1), sum(map(open_files, tree)))
    return found


def processor_seconds(pids: Mapping[str, int]) -> dict[str, float]:
    """Returns the processor seconds used by each part of ``pids``; the launcher's exclude those of other parts."""
    return {part: sum(map(processor_s, _tree(part, pid))) for part, pid in pids.items()}


def _tree(part: str, pid: int) -> list[int]:
    return [pid] if part == LAUNCHER else list(family(pid))


def family(pid: int) -> Iterator[int]:
    """Yields the ids of the process and of all its descendants."""
    yield pid
    with contextlib.suppress(OSError):
        for task in Path(f"/proc/{pid}/task").iterdir():
            for child in (task / "children").read_text().split():
                yield from family(int(child))


def local_ports(pid: int) -> set[int]:
    """Returns the local ports of the process's TCP connections (IPv4)."""
    inodes = set()
    for file in Path(f"/proc/{pid}/fd").iterdir():
        with contextlib.suppress(OSError):  # closed meanwhile
            inodes.add(os.readlink(file).removeprefix("socket:[").rstrip("]"))
    lines = Path(f"/proc/{pid}/net/tcp").read_text().splitlines()[1:]
    return {int(line.split()[1].partition(":")[2], 16) for line in lines if line.split()[9] in inodes}


def waited_s() -> float:
    """Returns the seconds since the start of the machine in which a process waited for a processor; 0 if unknown."""
    with contextlib.suppress(OSError, StopIteration, ValueError):
        some = next(line for line in PRESSURE.read_text().splitlines() if line.startswith("some"))
        return int(some.rpartition("total=")[2]) / 1e6
    return 0.0


def memory_mb(pid: int) -> float:
    with contextlib.suppress(OSError):
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
            if line.startswith(ROLLUP):
                return int(line.split()[1]) / 1024
    return 0.0


def processor_s(pid: int) -> float:
    """Returns the processor seconds used so far by a process and the ended children that it waited for."""
    with contextlib.suppress(OSError):
        fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
        return sum(map(int, fields[11:15])) / TICKS_A_SECOND
    return 0.0


def open_files(pid: int) -> int:
    with contextlib.suppress(OSError):
        return len(list(Path(f"/proc/{pid}/fd").iterdir()))
    return 0
