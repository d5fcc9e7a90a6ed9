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
# A synchronous look asks a process over HTTP; looks become rarer as the wait grows, so that the awaited process has
# the processor.
LOOK_AT_LEAST_EVERY_S, SHARE_OF_THE_WAIT = 0.1, 0.05
T = TypeVar("T")


async def eventually(look: Callable[[], T | Awaitable[T]], patience_s: float = PATIENCE_S) -> T:
    """Calls ``look`` repeatedly and returns its first true value; fails with the last value if time runs out.

    ``patience_s`` is the time limit in seconds.
    """
    deadline = time.monotonic() + patience_s
    while True:
        found = look()
        value: T = await found if inspect.isawaitable(found) else found
        if value:
            return value
        _check(deadline, value)
        await asyncio.sleep(LOOK_EVERY_S)


def eventually_blocking(look: Callable[[], T], patience_s: float = PATIENCE_S) -> T:
    """Does the same as ``eventually`` in a synchronous test."""
    begun = time.monotonic()
    while not (value := look()):
        _check(begun + patience_s, value)
        waited = time.monotonic() - begun
        time.sleep(min(max(LOOK_EVERY_S, SHARE_OF_THE_WAIT * waited), LOOK_AT_LEAST_EVERY_S))
    return value


def _check(deadline: float, value: object) -> None:
    assert time.monotonic() < deadline, f"not in time: the last look gave {value!r}"
