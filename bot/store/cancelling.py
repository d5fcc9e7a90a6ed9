"""Ends tasks that use Redis."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Coroutine, Iterable
from contextlib import asynccontextmanager
from typing import Any

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


@asynccontextmanager
async def beside(work: Coroutine[Any, Any, None]) -> AsyncIterator[None]:
    """Runs ``work`` in a task of its own during the block, and cancels it afterwards (context manager).

    If ``work`` fails, the block is cancelled and the error is raised: the process must not go on without this work.
    Errors of the block are raised unchanged.
    """
    try:
        async with asyncio.TaskGroup() as group:
            task = group.create_task(work)
            yield
            task.cancel()
    except BaseExceptionGroup as errors:
        raise errors.exceptions[0] from None
