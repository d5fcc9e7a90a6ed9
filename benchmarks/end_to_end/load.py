"""Lets several citizens talk with an assistant at the same time, and measures answer times and processor time."""

from __future__ import annotations

import asyncio
import math
import time
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import cycle

from benchmarks.end_to_end.questions import Conversation
from benchmarks.faulting.processes import processor_seconds

CLIENT = "citizens"
# Holds a conversation and returns the seconds from sending each question to its answer.
Converse = Callable[[Conversation], Awaitable[list[float]]]


@dataclass(frozen=True)
class Level:
    """The results for a number of simultaneous citizens: sorted answer times, duration, processor time of each part."""

    citizens: int
    times_s: list[float]
    wall_s: float
    processor_s: Mapping[str, float]

    @property
    def rate(self) -> float:
        """Returns the number of answered messages per second."""
        return len(self.times_s) / self.wall_s

    def ms(self, share: float) -> float:
        """Returns a percentile of the answer times in milliseconds; NaN if there are none."""
        return percentile_ms(self.times_s, share)

    def processor_ms(self, part: str) -> float:
        """Returns the processor milliseconds of a part per message."""
        return 1000 * self.processor_s[part] / len(self.times_s)


def percentile_ms(times_s: Sequence[float], share: float) -> float:
    """Returns a percentile of sorted seconds, in milliseconds; NaN if there are none."""
    return 1000 * times_s[min(len(times_s) - 1, int(len(times_s) * share))] if times_s else math.nan


async def level(
    converse: Converse,
    conversations: Sequence[Conversation],
    *,
    citizens: int,
    seconds: float,
    pids: Mapping[str, int],
) -> Level:
    """Holds all conversations, ``citizens`` at a time, and returns the results.

    Repeats the conversations until ``seconds`` have passed.
    """
    before, begun = used(pids), time.perf_counter()
    waiting, times = _rounds(conversations, begun + seconds), list[float]()

    async def citizen() -> None:
        for conversation in waiting:
            times.extend(await converse(conversation))

    async with asyncio.TaskGroup() as group:
        for _ in range(citizens):
            group.create_task(citizen())
    wall_s, after = time.perf_counter() - begun, used(pids)
    return Level(citizens, sorted(times), wall_s, {part: after[part] - before[part] for part in before})


def used(pids: Mapping[str, int]) -> dict[str, float]:
    """Returns the processor seconds used by each part, and by the citizens, which run in this process."""
    return processor_seconds(pids) | {CLIENT: time.process_time()}


def _rounds(conversations: Sequence[Conversation], until: float) -> Iterator[Conversation]:
    yield from conversations
    for conversation in cycle(conversations):
        if time.perf_counter() >= until:
            return
        yield conversation
