"""Lets messages that are being sent finish before the process stops, and stores the outcomes, so none is sent again."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager, suppress
from typing import Any

from bot.core.logs import log
from bot.store.cancelling import cancelled

FINISHED_WITHIN_S = 3.0  # of the 8 s after which the launcher kills the process; open requests may take 3 s first
STORED_WITHIN_S = 1.0  # after FINISHED_WITHIN_S


class Sendings:
    """Tracks the messages that a background job is sending now.

    Each send has a time limit. When ``finish`` is cancelled because the process is stopping, the limits become shorter,
    so that the outcomes can still be stored.
    """

    def __init__(self) -> None:
        self._limits: set[asyncio.Timeout] = set()
        self._ends: float | None = None

    @asynccontextmanager
    async def limit(self, seconds: float) -> AsyncIterator[None]:
        """Limits the ``with`` block to ``seconds``, or to less once ``finish`` is cancelled. Raises TimeoutError."""
        async with asyncio.timeout(seconds) as limit:
            self._limits.add(limit)
            self._shorten(limit)
            try:
                yield
            finally:
                self._limits.discard(limit)

    async def finish(self, work: Coroutine[Any, Any, None]) -> None:
        """Runs ``work``, which sends messages and stores the outcome.

        If ``finish`` is cancelled, ``work`` gets FINISHED_WITHIN_S to finish sending, and then STORED_WITHIN_S to store
        the outcome.
        """
        task = asyncio.create_task(work)
        try:
            await asyncio.shield(task)
        except asyncio.CancelledError:
            await self._end(task)
            raise

    async def _end(self, task: asyncio.Task[None]) -> None:
        loop = asyncio.get_running_loop()
        self._ends = loop.time() + FINISHED_WITHIN_S
        for limit in self._limits:
            self._shorten(limit)
        while not task.done() and (left := self._ends + STORED_WITHIN_S - loop.time()) > 0:
            with suppress(asyncio.CancelledError):  # a task that ends is cancelled again and again
                await asyncio.wait([task], timeout=left)
        self._ends = None
        await cancelled([task])
        if not task.cancelled() and (error := task.exception()):
            log.warning("sendings: outcome not stored before the end", error=type(error).__name__)

    def _shorten(self, limit: asyncio.Timeout) -> None:
        if self._ends is not None and not limit.expired():
            limit.reschedule(min(self._ends, limit.when() or self._ends))
