"""Shares the result of a query among concurrent callers, such as all desks that load their lists after a restart.

A caller that arrives while the query is running waits for the next run, so no result is older than its request.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Awaitable, Callable
from typing import Generic, TypeVar

Key = TypeVar("Key")
Made = TypeVar("Made")


class SingleFlight(Generic[Key, Made]):
    """Wraps ``work`` so that concurrent calls with the same key share a run.

    A call that arrives while a run is in progress waits for the next run, together with all others that wait.
    """

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
            try:
                return await self._work(key)
            finally:
                if key not in self._next:
                    del self._turns[key]
