"""Measures how the parts' memory, their open files and the folders on disk grow with the number of messages."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.faulting.processes import Size, sizes

FOLDERS = ("valkey", "postgres", "logs")
PER_MESSAGES = 10_000
MB = 2**20
# A part may have this many times its memory and open files at the start, and these MB and files more. The open files of
# PostgreSQL's connections vary most: up to 2.7 times in runs without a leak.
MOST_MEMORY, MOST_FILES = (2.0, 100.0), (3.0, 100.0)
KEPT_MB = 50.0  # additional MB for PER_MESSAGES messages, because the stores keep them
NOT_RUNNING = Size(pid=0, memory_mb=0.0, files=0)


@dataclass(frozen=True)
class Sample:
    """A measurement after ``messages`` acknowledged messages; ``disk_mb`` is the size of each folder."""

    messages: int
    parts: Mapping[str, Size]
    disk_mb: Mapping[str, float]


class Growth:
    """The measurements of a run; ``messages`` returns how many messages have been acknowledged so far."""

    def __init__(self, home: Path, pids: Callable[[], Mapping[str, int]], messages: Callable[[], int]) -> None:
        self._home, self._pids, self._messages = home, pids, messages
        self.samples: list[Sample] = []

    async def watch(self, seconds: float, samples: int) -> None:
        """Takes a sample immediately, then ``samples`` more, spread evenly over ``seconds``.

        Takes none if ``samples`` is 0.
        """
        for number in range(samples + 1 if samples else 0):
            if number:
                await asyncio.sleep(seconds / samples)
            self.samples.append(await asyncio.to_thread(self._measure))

    def _measure(self) -> Sample:
        disk = {name: _occupied_mb(self._home / name) for name in FOLDERS}
        return Sample(self._messages(), sizes(self._pids()), disk)


def overgrown(before: Mapping[str, Size], after: Mapping[str, Size], messages: int) -> Iterator[str]:
    """Yields a line for each part with far more memory or open files than at the start, even if restarted since."""
    for part, size in after.items():
        start, kept_mb = before.get(part, size), KEPT_MB * messages / PER_MESSAGES
        most_mb, most_files = most(start.memory_mb, MOST_MEMORY) + kept_mb, most(start.files, MOST_FILES)
        if size.memory_mb > most_mb or size.files > most_files:
            memory = f"{start.memory_mb:.0f} → {size.memory_mb:.0f} MB"
            yield f"{part}: {memory}, {start.files} → {size.files} open files"


def most(at_start: float, bound: tuple[float, float]) -> float:
    times, more = bound
    return times * at_start + more


def table(samples: Sequence[Sample]) -> Iterator[str]:
    """Yields the samples as a Markdown table.

    The last column contains the growth in the second half, when caches are full, for PER_MESSAGES messages.
    """
    if not samples:
        return
    half = samples[len(samples) // 2 :]
    share = PER_MESSAGES / max(1, half[-1].messages - half[0].messages)
    heads = (f"{one.messages:,}" for one in samples)
    yield f"| MB (open files) after messages | {' | '.join(heads)} | growth in {PER_MESSAGES:,} |"
    yield "|---" * (len(samples) + 2) + "|"
    for part in samples[0].parts:
        line = [one.parts.get(part, NOT_RUNNING) for one in samples]
        cells = (f"{one.memory_mb:.0f} ({one.files})" for one in line)
        first, last = line[len(samples) // 2], line[-1]
        grown = f"{(last.memory_mb - first.memory_mb) * share:+.1f} ({(last.files - first.files) * share:+.0f})"
        yield f"| {part} | {' | '.join(cells)} | {grown if first.pid == last.pid else 'started again'} |"
    for folder in FOLDERS:
        cells = (f"{one.disk_mb[folder]:.0f}" for one in samples)
        grown = f"{(half[-1].disk_mb[folder] - half[0].disk_mb[folder]) * share:+.1f}"
        yield f"| {folder} on disk | {' | '.join(cells)} | {grown} |"


def _occupied_mb(folder: Path) -> float:
    return sum(_blocks(path) for path in folder.rglob("*")) * 512 / MB


def _blocks(path: Path) -> int:
    try:
        return path.lstat().st_blocks
    except OSError:  # removed in the meantime
        return 0
