"""Runs the background tasks of the bot process: worker, recorder, sweeper, channels and periodic cleanup."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any

from fastapi import FastAPI

from bot.app.metrics import page_of
from bot.app.services import Services
from bot.core.logs import log
from bot.core.progress import Progress
from bot.handoff.approval_policy import ApprovalPolicy
from bot.handoff.callbacks.dialogue import CallbackDialogue
from bot.handoff.callbacks.request import Requests
from bot.handoff.estimate import asks_how_long
from bot.handoff.sweeper import Sweeper
from bot.metrics.serving import exposed
from bot.record.recorder import Recorder
from bot.record.retention import Terms, forget_forever
from bot.record.versions import keep_versions
from bot.tickets.watchdog import Watchdog
from bot.turns.message_batch import MessageBatches
from bot.turns.turns import Turns
from bot.turns.worker import Worker

# Longer than any turn, write or sweep takes, even if a store or Rasa hangs, since each has a shorter timeout.
LATE_S = 180.0

Work = Coroutine[Any, Any, None]
Lifespan = Callable[[FastAPI], AbstractAsyncContextManager[None]]


def lifespan_of(services: Services, progress: Progress) -> Lifespan:
    """Returns the app's lifespan, which starts the background tasks and exposes the metrics.

    At shutdown it ends them and all connections.
    """
    worker, sweeper = worker_of(services), sweeper_of(services)
    recorder = Recorder(redis=services.redis, sessions=services.databases.sessions)
    page = page_of(services, progress)

    @asynccontextmanager
    async def running(_app: FastAPI) -> AsyncIterator[None]:
        await services.faq.start()
        work = (
            worker.run(progress.expect("worker", LATE_S)),
            recorder.run(progress.expect("recorder", LATE_S)),
            sweeper.run(progress.expect("sweeper", LATE_S)),
            *upkeep_of(services),
            *services.channels.work(progress),
        )
        tasks = [asyncio.create_task(one) for one in work]
        for task in (*tasks, await services.live.start()):
            task.add_done_callback(end_when_broken)
        async with exposed(page, services.settings.metrics_host, services.settings.metrics_port):
            yield
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await services.close()

    return running


def worker_of(services: Services) -> Worker:
    """Builds the worker that answers citizens' messages."""
    agency, service_hours = services.agency, services.service_hours
    turns = Turns(
        agency=agency,
        rasa=services.rasa,
        wait_notice=services.notices,
        rollout=services.chat.rollout,
        callbacks=CallbackDialogue(agency, Requests(agency, service_hours), services.addresses),
        position_notice=services.notices.still,
        asks_how_long=asks_how_long,
        accepts_new=services.chat.accepts_new,
        approval_policy=ApprovalPolicy(agency, service_hours, services.presences, services.faq.team_of),
    )
    return Worker(
        redis=services.redis,
        inbox=services.inbox,
        pending_approvals=services.pending_approvals,
        turns=turns,
        batches=MessageBatches(agency.debounce_ms),
    )


def sweeper_of(services: Services) -> Sweeper:
    """Builds the sweeper, which acts on overdue tickets and pending approvals."""
    return Sweeper(
        tickets=services.chat.tickets,
        transitions=services.transitions,
        presences=services.presences,
        outbox=services.outbox,
        watchdog=Watchdog(services.redis, services.agency.desk.lease_s),
        agency=services.agency,
        service_hours=services.service_hours,
        waits=services.waits,
        pending_approvals=services.pending_approvals,
        restore=services.recovery.run,
    )


def upkeep_of(services: Services) -> tuple[Work, ...]:
    """Returns the periodic tasks: deleting expired data, storing entry versions, sending queue positions."""
    agency, sessions = services.agency, services.databases.sessions
    terms = Terms(agency.keep_days, agency.audit_days, agency.desk.keep_contact_days)
    return (
        forget_forever(sessions, terms, services.settings.rasa_database_url.get_secret_value()),
        keep_versions(services.faq, sessions),
        services.chat.positions.run(),
        services.chat.files.forget_forever(agency.keep_days),
    )


def end_when_broken(task: asyncio.Task[None]) -> None:
    """Ends the process when a background task dies, so that the launcher restarts it and citizens get answers.

    A task that returns because the process is shutting down (see ``stopping``) is not treated as dead.
    """
    if not task.cancelling():
        os.kill(os.getpid(), signal.SIGTERM)
        error = "cancelled" if task.cancelled() else repr(task.exception())
        log.critical("app: background task ended", task=str(task.get_coro()), error=error)
