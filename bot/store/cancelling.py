"""Ends tasks that use Redis, and runs one task beside another."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Coroutine, Iterable
from contextlib import asynccontextmanager
from typing import Any

from bot.core.logs import log
from bot.store.streams import stopping

CANCEL_AGAIN_S = 2.0


async def cancelled(tasks: Iterable[asyncio.Task[None]]) -> None:
    """Cancels the tasks and waits until all have ended, even if the caller is cancelled meanwhile.

    Redis commands are sent with ``asyncio.wait_for``, which before Python 3.12 drops a cancellation that arrives just
    as the command completes. So tasks that are still running are cancelled again. A cancellation of the caller is
    raised at the end.
    """
    pending = set(tasks)
    own: asyncio.CancelledError | None = None
    while pending := {task for task in pending if not task.done()}:
        for task in pending:
            task.cancel()
        try:
            await asyncio.wait(pending, timeout=CANCEL_AGAIN_S)
        except asyncio.CancelledError as error:
            own = error
    if own is not None:
        raise own


@asynccontextmanager
async def beside(work: Coroutine[Any, Any, None]) -> AsyncIterator[None]:
    """Runs ``work`` in a separate task during the block, and cancels it afterwards (context manager).

    If ``work`` ends before the block, the block is cancelled and the error of ``work`` is raised (RuntimeError if it
    had none): the process must not go on without this work. Errors of the block are raised unchanged.
    """
    try:
        async with asyncio.TaskGroup() as group:
            task = group.create_task(_lasting(work))
            try:
                yield
            finally:
                await cancelled([task])
    except BaseExceptionGroup as errors:
        first, *later = errors.exceptions
    else:
        return
    finally:
        work.close()  # of a block that ended before its task began
    for error in later:
        log.error("beside: the cancelled block failed, too", exc_info=error)
    raise first


async def _lasting(work: Coroutine[Any, Any, None]) -> None:
    """Runs ``work`` until this task is cancelled; raises RuntimeError if ``work`` ends before."""
    try:
        await work
    except asyncio.CancelledError:
        if stopping():
            raise
    except Exception:
        if not stopping():
            raise
        log.exception("beside: failed while it was cancelled")
    if not stopping():
        raise RuntimeError(f"{work} ended too early")
