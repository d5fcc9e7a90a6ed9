"""Does the same work once for all who ask at the same time: after a restart every desk asks for its list at once.

Called by api.py. Whoever asks while the work is being done waits for the next time, so nobody gets what is older than
their question.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Awaitable, Callable
from typing import Generic, TypeVar

Key = TypeVar("Key")
Made = TypeVar("Made")


class SingleFlight(Generic[Key, Made]):
    """``await together(key)`` is ``await work(key)``, which runs once at a time for each key."""

    def __init__(self, work: Callable[[Key], Awaitable[Made]]) -> None:
        self._work = work
        self._next: dict[Key, asyncio.Task[Made]] = {}
        self._turns: defaultdict[Key, asyncio.Lock] = defaultdict(asyncio.Lock)

    async def __call__(self, key: Key) -> Made:
        if key not in self._next:
            self._next[key] = asyncio.create_task(self._run(key))
        return await asyncio.shield(self._next[key])

    async def _run(self, key: Key) -> Made:
        async with self._turns[key]:
            del self._next[key]
            return await self._work(key)
