"""Runs the background tasks of a bot process; the role of the process decides which."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager

from fastapi import FastAPI

from bot.app.metrics import page_of
from bot.app.role import Role
from bot.app.services import Services
from bot.app.tasks.handoff import alarms_of, complaints_of, sweeper_of
from bot.app.tasks.public_notices import follower_of
from bot.app.tasks.spikes import spikes_of
from bot.app.tasks.upkeep import Work, upkeep_of
from bot.app.tasks.worker import worker_of
from bot.core.logs import log
from bot.core.progress import Progress
from bot.metrics.serving import exposed
from bot.privacy.held_erasures import HeldErasures
from bot.privacy.requests import ErasureRequests
from bot.public_notices.broadcasting import Broadcasting
from bot.record.recorder import Recorder
from bot.store.cancelling import cancelled

LATE_S = 180.0  # longer than the timeouts of Redis, Rasa and connections: a task without progress has hung
UPKEEP_LATE_S = 2 * 3600.0  # the tasks of upkeep_of pause for up to an hour

Lifespan = Callable[[FastAPI], AbstractAsyncContextManager[None]]


def lifespan_of(services: Services, progress: Progress, role: Role = Role.ALL) -> Lifespan:
    """Returns the lifespan of the app, which starts the background tasks of ``role`` and serves the metrics.

    At shutdown, it cancels these tasks and closes all connections.
    """

    @asynccontextmanager
    async def running(_app: FastAPI) -> AsyncIterator[None]:
        await services.start()
        tasks = [asyncio.create_task(one) for one in work_of(services, progress, role)]
        live = [await services.live.start(progress.expect("live", LATE_S))] if role.serves_people else []
        for task in (*tasks, *live):
            task.add_done_callback(end_when_broken)
        try:
            async with exposed(
                page_of(services, progress), services.settings.metrics_host, services.settings.metrics_port
            ):
                yield
        finally:
            await cancelled(tasks)
            await services.close()

    return running


def work_of(services: Services, progress: Progress, role: Role) -> tuple[Work, ...]:
    """Returns the background tasks of ``role`` as coroutines, except the task for live events."""
    always = services.keys_check.run(), follower_of(services, role).run(progress.expect("public notices", LATE_S))
    positions = (services.chat.positions.run(progress.expect("positions", LATE_S)),) if role.serves_people else ()
    if not role.works:
        return *always, *positions
    recorder = Recorder(redis=services.redis, sessions=services.databases.sessions)
    held = HeldErasures(services.databases.sessions, services.agency, services.inbox)
    return (
        *always,
        *positions,
        worker_of(services).run(progress.expect("worker", LATE_S)),
        recorder.run(progress.expect("recorder", LATE_S)),
        alarms_of(services).run(progress.expect("alarms", LATE_S)),
        sweeper_of(services).run(progress.expect("sweeper", LATE_S)),
        services.assistant.run(progress.expect("rasa record", LATE_S)),
        complaints_of(services).run(progress.expect("complaints", LATE_S)),
        services.public_notices.waiting(services.redis, services.chat.tickets, services.agency),  # mostly idle
        ErasureRequests(services.redis, services.personal_data, services.channels.retract, held).run(
            progress.expect("erasures", LATE_S)
        ),
        services.ban_book.run(progress.expect("bans", LATE_S)),
        *(one.run(progress.expect("spikes", LATE_S)) for one in spikes_of(services)),
        Broadcasting(services.databases.sessions, services.redis, services.agency).run(
            progress.expect("broadcasts", LATE_S)
        ),
        *(progress.beating(one, UPKEEP_LATE_S) for one in upkeep_of(services)),
        *services.channels.work(progress),
    )


def end_when_broken(task: asyncio.Task[None]) -> None:
    """Ends the process, which the launcher restarts, if a background task ended without being cancelled."""
    if not task.cancelling():
        os.kill(os.getpid(), signal.SIGTERM)
        error = asyncio.CancelledError() if task.cancelled() else task.exception()
        log.critical("app: background task ended", task=str(task.get_coro()), error=repr(error), exc_info=error)
