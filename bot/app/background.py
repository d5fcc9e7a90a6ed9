"""Runs the background tasks of a bot process; the role of the process decides which."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from functools import partial
from typing import Any

from fastapi import FastAPI

from bot.app.ban_dangers import BanDangers
from bot.app.editing import editing_of
from bot.app.health import postgres_answers
from bot.app.metrics import page_of
from bot.app.monthly_mail import monthly_mail_of
from bot.app.promise import sampling_of
from bot.app.role import Role
from bot.app.services import Services
from bot.conversation.bans import Bans
from bot.core.logs import log
from bot.core.network import ActionsEndpoint
from bot.core.progress import Progress
from bot.desk.auth.first_password import drop_used_password_forever
from bot.desk.crisis.drill_reminders import DrillReminders
from bot.desk.crisis.writers import notice_writers
from bot.figures.facts.filling import Filling
from bot.figures.publishing import Months
from bot.handoff.alarms.alarms import Alarms
from bot.handoff.approval_policy import ApprovalPolicy
from bot.handoff.callbacks.dialogue import CallbackDialogue
from bot.handoff.callbacks.request import Requests
from bot.handoff.complaints.complaints import Complaints
from bot.handoff.complaints.news import ComplaintNews
from bot.handoff.complaints.photos import ComplaintPhotos
from bot.handoff.complaints.register import Register
from bot.handoff.complaints.upkeep import ComplaintUpkeep
from bot.handoff.courtesies import is_courtesy
from bot.handoff.estimate import asks_how_long
from bot.handoff.open_now import HoursAnswer
from bot.handoff.sweeper import Sweeper
from bot.learning.backlog.embedding import Embedding
from bot.learning.backlog.gathering import Gathering
from bot.learning.experience import keep_experience
from bot.mail.wiring import mail_of, senders_of
from bot.metrics.serving import exposed
from bot.privacy.erasures import REQUEST_MARK, new_receipt
from bot.privacy.held_erasures import HeldErasures
from bot.privacy.links import OwnDataLinks
from bot.privacy.renewal import renew_forever
from bot.privacy.requests import ErasureRequests
from bot.privacy.seal_mail import SealMail
from bot.privacy.staff_terms import forget_staff_forever
from bot.public_notices.broadcasting import Broadcasting
from bot.public_notices.follower import NoticeFollower
from bot.record.audit_signatures import AuditSignatures
from bot.record.complaint_record import ComplaintBook
from bot.record.privacy_requests import RequestBook
from bot.record.recorder import Recorder
from bot.record.retention import Places, Terms, forget_forever
from bot.record.transcripts.older_rows import encrypt_forever
from bot.record.versions import keep_versions
from bot.spikes.group_watch import GroupWatch
from bot.spikes.telling import SpikeTelling
from bot.spikes.watch import SpikeWatch
from bot.spikes.webhook import SpikeWebhook
from bot.store.cancelling import cancelled
from bot.tickets.staff_notices import StaffNotices
from bot.tickets.watchdog import Watchdog
from bot.turns.message_batch import MessageBatches
from bot.turns.queue.waiting import WaitingRules
from bot.turns.rights.banned import Banned
from bot.turns.rights.dialogue import Rights
from bot.turns.rights.registering import Registering
from bot.turns.turns import Turns
from bot.turns.worker import Worker

LATE_S = 180.0  # longer than the timeouts of Redis, Rasa and connections: a task without progress has hung
UPKEEP_LATE_S = 2 * 3600.0  # the tasks of upkeep_of pause for up to an hour

Work = Coroutine[Any, Any, None]
Lifespan = Callable[[FastAPI], AbstractAsyncContextManager[None]]


def lifespan_of(services: Services, progress: Progress, role: Role = Role.ALL) -> Lifespan:
    """Returns the lifespan of the app, which starts the background tasks of ``role`` and serves the metrics.

    At shutdown, it cancels these tasks and closes all connections.
    """

    @asynccontextmanager
    async def running(_app: FastAPI) -> AsyncIterator[None]:
        await services.faq.start()
        tasks = [asyncio.create_task(one) for one in work_of(services, progress, role)]
        live = [await services.live.start(progress.expect("live", LATE_S))] if role.serves_people else []
        for task in (*tasks, *live):
            task.add_done_callback(end_when_broken)
        async with exposed(page_of(services, progress), services.settings.metrics_host, services.settings.metrics_port):
            yield
        await cancelled(tasks)
        await services.close()

    return running


def work_of(services: Services, progress: Progress, role: Role) -> tuple[Work, ...]:
    """Returns the background tasks of ``role`` as coroutines, except the one for live events."""
    follower = follower_of(services, role).run(progress.expect("public notices", LATE_S))
    positions = (services.chat.positions.run(progress.expect("positions", LATE_S)),) if role.serves_people else ()
    if not role.works:
        return follower, *positions
    recorder = Recorder(redis=services.redis, sessions=services.databases.sessions)
    held = HeldErasures(services.databases.sessions, services.agency, services.inbox)
    return (
        follower,
        *positions,
        worker_of(services).run(progress.expect("worker", LATE_S)),
        recorder.run(progress.expect("recorder", LATE_S)),
        alarms_of(services).run(progress.expect("alarms", LATE_S)),
        sweeper_of(services).run(progress.expect("sweeper", LATE_S)),
        services.assistant.run(progress.expect("rasa record", LATE_S)),
        complaints_of(services).run(progress.expect("complaints", LATE_S)),
        services.public_notices.waiting(services.redis, services.chat.tickets, services.agency),  # rests: not watched
        ErasureRequests(services.redis, services.personal_data, services.channels.retract, held).run(
            progress.expect("erasures", LATE_S)
        ),
        services.ban_book.run(progress.expect("bans", LATE_S)),
        *spikes_of(services, progress),
        Broadcasting(services.databases.sessions, services.redis, services.agency).run(
            progress.expect("broadcasts", LATE_S)
        ),
        *(progress.beating(one, UPKEEP_LATE_S) for one in upkeep_of(services)),
        *services.channels.work(progress),
    )


def follower_of(services: Services, role: Role) -> NoticeFollower:
    """Builds the task that keeps the public notices of this process up to date."""
    channels = tuple(one.channel for one in services.channels.adapters)
    return services.public_notices.work(services.settings, services.agency, services.databases.persons, channels, role)


def worker_of(services: Services) -> Worker:
    """Builds the worker that processes citizens' messages."""
    agency, service_hours = services.agency, services.service_hours
    waiting = WaitingRules(
        position_notice=services.notices.still,
        callbacks=CallbackDialogue(agency, Requests(agency, service_hours), services.addresses),
        complaints=Complaints.from_record(
            agency, service_hours, ComplaintBook(services.databases.persons), services.inbox
        ),
        approval_policy=ApprovalPolicy(agency, service_hours, services.presences, services.faq.team_of),
        asks_how_long=asks_how_long,
        is_courtesy=is_courtesy,
        hours_answer=HoursAnswer(agency, services.public_notices.board),
    )
    turns = Turns(
        agency=agency,
        assistant=services.assistant,
        wait_notice=services.notices,
        rollout=services.chat.rollout,
        waiting=waiting,
        accepts_new=services.chat.accepts_new,
        judge=services.danger_judge.judge,
        notices=services.public_notices.telling,
        rights=rights_of(services),
    )
    return Worker(
        redis=services.redis,
        inbox=services.inbox,
        pending_approvals=services.pending_approvals,
        turns=turns,
        batches=MessageBatches(agency.debounce_ms),
    )


def rights_of(services: Services) -> Rights:
    """Builds the dialogue about citizens' own data, with the replies to citizens whom staff have blocked."""
    agency, book = services.agency, RequestBook(services.databases.persons)
    registering = Registering(agency, book, services.inbox, partial(new_receipt, REQUEST_MARK))
    link = OwnDataLinks(services.addresses, services.settings.public_url).address
    callbacks = CallbackDialogue(agency, Requests(agency, services.service_hours), services.addresses)
    about_data, judge = services.assistant.is_about_own_data, services.danger_judge.judge
    banned = Banned(agency, Bans(services.redis), judge, about_data, callbacks)
    return Rights(link, new_receipt, registering, banned, services.personal_data.holds.is_held)


def sweeper_of(services: Services) -> Sweeper:
    """Builds the sweeper, which handles overdue tickets and pending approvals."""
    return Sweeper(
        tickets=services.chat.tickets,
        transitions=services.transitions,
        presences=services.presences,
        outbox=services.outbox,
        watchdog=Watchdog(services.redis, services.agency.desk.lease_s, services.channels.sending),
        agency=services.agency,
        forecasts=services.forecasts,
        waits=services.forecasts.waits,
        pending_approvals=services.pending_approvals,
        restore=services.recovery.run,
        record_answers=lambda: postgres_answers(services),
    )


def alarms_of(services: Services) -> Alarms:
    """Builds the task that alerts people by e-mail or SMS to emergencies that no agent has claimed."""
    return Alarms(
        redis=services.redis,
        inbox=services.inbox,
        agency=services.agency,
        service_hours=services.service_hours,
        forecasts=services.forecasts,
        senders=senders_of(services.agency.alarm, services.settings),
        public_url=services.settings.public_url,
    )


def spikes_of(services: Services, progress: Progress) -> tuple[Work, ...]:
    """Returns the task that detects spikes of messages, in a tuple; () if the agency wants no spike alarms."""
    if not services.agency.alarm.false_every_days:
        return ()
    agency, settings, sessions = services.agency, services.settings, services.databases.sessions
    telling = SpikeTelling(
        sessions=sessions,
        agency=agency,
        staff_notices=StaffNotices(services.redis),
        writers=partial(notice_writers, sessions),
        senders=senders_of(agency.alarm, settings),
        webhook=SpikeWebhook(url, settings.alarm_webhook_secret, settings.public_url)
        if (url := settings.alarm_webhook_url)
        else None,
        public_url=settings.public_url,
    )
    watch = SpikeWatch(
        sessions,
        GroupWatch(sessions, Embedding(ActionsEndpoint.of(settings)), agency.timezone),
        timezone=agency.timezone,
        topic_of=services.faq.topic_of,
        false_every_days=agency.alarm.false_every_days,
        tell=telling.tell,
        has_room=services.has_room_for_figures,
    )
    return (watch.run(progress.expect("spikes", LATE_S)),)


def complaints_of(services: Services) -> ComplaintUpkeep:
    """Builds the task that notifies citizens of complaints' states, stores photos, and updates the register, if any."""
    sessions, settings = services.databases.sessions, services.settings
    url, secret = settings.complaints_webhook_url, settings.complaints_webhook_secret
    return ComplaintUpkeep(
        ComplaintNews(services.redis, sessions, services.agency),
        ComplaintPhotos(sessions, services.chat.files, services.complaint_files, services.channels.file),
        Register(sessions, url, secret) if url else None,
    )


def drill_reminders_of(services: Services) -> DrillReminders:
    """Builds the task that reminds staff to hold a drill."""
    mail, notices, sessions = mail_of(services.settings), StaffNotices(services.redis), services.databases.sessions
    return DrillReminders(sessions, notices, services.agency, mail=mail, site=services.settings.public_url)


def upkeep_of(services: Services) -> tuple[Work, ...]:
    """Returns the periodic tasks as coroutines, such as deleting expired data and computing figures."""
    agency, sessions, has_room = services.agency, services.databases.sessions, services.has_room_for_figures
    secret, trackers = services.settings.secret.get_secret_value(), services.settings.rasa_database_url
    places = Places(services.chat.files, services.complaint_files, trackers.get_secret_value())
    return (
        forget_forever(sessions, Terms.from_agency(agency), places),
        forget_staff_forever(sessions, agency.privacy.keep_staff_days),
        AuditSignatures(sessions, secret, services.settings.home).sign_forever(),
        SealMail(sessions, services.redis, agency, mail_of(services.settings)).run(),
        renew_forever(sessions, secret, (services.chat.files, services.complaint_files)),
        encrypt_forever(sessions),
        drop_used_password_forever(sessions, services.settings.home),
        BanDangers(sessions, services.redis).run(),
        keep_versions(services.faq, sessions),
        keep_experience(sessions, services.settings.answers_home),
        Gathering(sessions, Embedding(ActionsEndpoint.of(services.settings)), has_room).run(),
        Filling(sessions, agency.timezone, services.faq.topic_of, agency.figure_segments, has_room).run(),
        sampling_of(services).run(),
        Months(sessions, agency.timezone, agency.keep_days, agency.published_segments, has_room).run(),
        monthly_mail_of(services).run(),
        *editing_of(services),
        drill_reminders_of(services).run(),
    )


def end_when_broken(task: asyncio.Task[None]) -> None:
    """Ends the process if a background task has ended unexpectedly, so that the launcher restarts the process.

    A task that was cancelled at shutdown ended as expected.
    """
    if not task.cancelling():
        os.kill(os.getpid(), signal.SIGTERM)
        error = asyncio.CancelledError() if task.cancelled() else task.exception()
        log.critical("app: background task ended", task=str(task.get_coro()), error=repr(error), exc_info=error)
