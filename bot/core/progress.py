"""Knows whether the background tasks of a process go on: a task that hangs is no less dead than one that ended."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field

Beat = Callable[[], None]


def no_beat() -> None:
    """For a task that nobody watches, as in tests."""


@dataclass
class Progress:
    """When each task last went once round its loop. A task that waits for Redis or PostgreSQL goes round, too."""

    clock: Callable[[], float] = time.monotonic
    _beats: dict[str, float] = field(default_factory=dict)
    _limits_s: dict[str, float] = field(default_factory=dict)

    def expect(self, task: str, within_s: float) -> Beat:
        """Returns what ``task`` has to call at least every ``within_s`` seconds from now on."""
        self._limits_s[task] = within_s

        def beat() -> None:
            self._beats[task] = self.clock()

        beat()
        return beat

    def late(self) -> dict[str, int]:
        """The tasks that are late, with the seconds since each last went round."""
        now = self.clock()
        silent = {task: now - beaten for task, beaten in self._beats.items()}
        return {task: round(seconds) for task, seconds in silent.items() if seconds > self._limits_s[task]}
