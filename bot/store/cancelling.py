"""Cancels tasks that use Redis."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable

CANCEL_AGAIN_S = 2.0


async def cancelled(tasks: Iterable[asyncio.Task[None]]) -> None:
    """Cancels the tasks and waits until all have ended.

    Redis commands are sent with ``asyncio.wait_for``, which before Python 3.12 drops a cancellation that arrives just
    as the command completes. So tasks that are still running are cancelled again.
    """
    pending = set(tasks)
    while pending:
        for task in pending:
            task.cancel()
        _, pending = await asyncio.wait(pending, timeout=CANCEL_AGAIN_S)
