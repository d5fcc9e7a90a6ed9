"""Ends tasks that use Redis."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable

CANCEL_AGAIN_S = 2.0


async def cancelled(tasks: Iterable[asyncio.Task[None]]) -> None:
    """Cancels the tasks until all have ended.

    Before Python 3.12 ``asyncio.wait_for``, with which each command of Redis is sent, drops a cancellation that comes
    at the moment at which it is done, so those that go on are cancelled again.
    """
    pending = set(tasks)
    while pending:
        for task in pending:
            task.cancel()
        _, pending = await asyncio.wait(pending, timeout=CANCEL_AGAIN_S)
