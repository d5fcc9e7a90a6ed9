"""Tracks whether the background tasks of a process make progress, so that a hung task is noticed."""

from __future__ import annotations

import time
from collections.abc import Callable, Coroutine, Generator
from dataclasses import dataclass, field
from functools import partial
from typing import Any

Beat = Callable[[], None]


def no_beat() -> None:
    """Does nothing; the default callback where progress is not tracked, as in tests."""


@dataclass(frozen=True)
class _Steps:
    """An awaitable that runs ``work`` and calls ``beat`` each time the event loop resumes it."""

    work: Coroutine[Any, Any, None]
    beat: Beat

    def __await__(self) -> Generator[Any, Any, None]:
        steps = self.work.__await__()
        advance: Callable[[], Any] = partial(next, steps)
        while True:
            self.beat()
            try:
                awaited = advance()
            except StopIteration:
                return
            try:
                yield awaited
                advance = partial(next, steps)
            except BaseException as error:
                advance = partial(steps.throw, error)


@dataclass
class Progress:
    """The time of each background task's last loop iteration.

    An iteration in which Redis or PostgreSQL could not be reached counts too.
    """

    clock: Callable[[], float] = time.monotonic
    _beats: dict[str, float] = field(default_factory=dict)
    _limits_s: dict[str, float] = field(default_factory=dict)

    def expect(self, task: str, within_s: float) -> Beat:
        """Returns a function that ``task`` must call at least every ``within_s`` seconds."""
        self._limits_s[task] = within_s

        def beat() -> None:
            self._beats[task] = self.clock()

        beat()
        return beat

    async def beating(self, work: Coroutine[Any, Any, None], within_s: float) -> None:
        """Runs ``work`` and counts each resumption of its coroutine as progress, for a task that reports none itself.

        No single await may take ``within_s`` seconds. The task is named after its function.
        """
        await _Steps(work, self.expect(getattr(work, "__qualname__", "task"), within_s))

    def silences(self) -> dict[str, tuple[float, float]]:
        """Returns for each task the seconds since its last iteration, and the maximum allowed."""
        now = self.clock()
        return {task: (now - beaten, self._limits_s[task]) for task, beaten in self._beats.items()}

    def late(self) -> dict[str, int]:
        """Returns the tasks that exceed their maximum, each with the seconds since its last iteration."""
        return {task: round(seconds) for task, (seconds, most) in self.silences().items() if seconds > most}
