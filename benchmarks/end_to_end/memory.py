"""Measures the memory of all parts, and renders it with the seconds that each start took."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, field

from benchmarks.faulting.processes import sizes
from benchmarks.material import markdown

IDLE_S = 30.0  # after a start: by then caches are filled, and memory needed only for the start is freed


@dataclass
class Memory:
    """Contains memory (PSS) in MB, keyed by moment and then by part, and the seconds that each start took."""

    moments: dict[str, dict[str, float]] = field(default_factory=dict)
    start_s: list[float] = field(default_factory=list)

    def note(self, moment: str, pids: Mapping[str, int]) -> None:
        """Measures the parts' memory now and stores it under the name ``moment``."""
        self.moments[moment] = {part: size.memory_mb for part, size in sizes(pids).items()}

    def note_idle(self, moment: str, pids: Mapping[str, int]) -> None:
        """Waits IDLE_S seconds, then measures the parts' memory and stores it under the name ``moment``."""
        time.sleep(IDLE_S)
        self.note(moment, pids)


def table(memories: Mapping[str, Memory]) -> str:
    """Renders for each assistant the memory of its parts and their sum, and the seconds of its starts."""
    moments = list(next(iter(memories.values())).moments)
    rows = []
    for name, memory in memories.items():
        found = [memory.moments.get(moment, {}) for moment in moments]
        parts = list(found[0])
        rows += [(name, part, *(f"{one.get(part, 0):.0f}" for one in found)) for part in parts if len(parts) > 1]
        rows.append((name, "**all parts**", *(f"{sum(one.values()):.0f}" for one in found)))
    starts = [
        f"{name}: {', then '.join(f'{seconds:.1f}' for seconds in memory.start_s)}" for name, memory in memories.items()
    ]
    return (
        f"{markdown(('', 'memory (PSS), MB', *moments), rows)}\n\nSeconds from starting to ready: {'; '.join(starts)}."
    )
