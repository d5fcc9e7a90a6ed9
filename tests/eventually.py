"""Waits until a test's expectation holds; tests wait only here, with one limit."""

from __future__ import annotations

import asyncio
import inspect
import os
import time
from collections.abc import Awaitable, Callable
from typing import TypeVar

# Limit of every wait, in seconds; a quiet machine needs a hundredth of it, only a failure all of it.
PATIENCE_S = 60 * float(os.environ.get("TESTS_PATIENCE", "1"))
PATIENCE_MS = round(1000 * PATIENCE_S)
# Limit in seconds of a whole scenario, such as fifty conversations during which processes are killed.
LONG_PATIENCE_S = 10 * PATIENCE_S
LOOK_EVERY_S = 0.01
# Many a look asks a process over HTTP, or the database; looks become rarer as the wait grows, so that what is awaited
# has the processor.
LOOK_AT_LEAST_EVERY_S, SHARE_OF_THE_WAIT = 0.1, 0.05
T = TypeVar("T")


async def eventually(
    look: Callable[[], T | Awaitable[T]], patience_s: float = PATIENCE_S, *, every_s: float = LOOK_EVERY_S
) -> T:
    """Calls ``look`` repeatedly and returns its first true value; fails with the last value if time runs out.

    ``patience_s`` is the time limit in seconds, ``every_s`` the shortest pause between looks: longer for costly ones.
    """
    begun = time.monotonic()
    while True:
        found = look()
        value: T = await found if inspect.isawaitable(found) else found
        if value:
            return value
        _check(begun + patience_s, value)
        await asyncio.sleep(_pause(begun, every_s))


def eventually_blocking(look: Callable[[], T], patience_s: float = PATIENCE_S) -> T:
    """Does the same as ``eventually`` in a synchronous test."""
    begun = time.monotonic()
    while not (value := look()):
        _check(begun + patience_s, value)
        time.sleep(_pause(begun))
    return value


def _pause(begun: float, every_s: float = LOOK_EVERY_S) -> float:
    """Returns the seconds until the next look of a wait that began at ``begun``."""
    return max(every_s, min(SHARE_OF_THE_WAIT * (time.monotonic() - begun), LOOK_AT_LEAST_EVERY_S))


def _check(deadline: float, value: object) -> None:
    assert time.monotonic() < deadline, f"not in time: the last look gave {value!r}"
