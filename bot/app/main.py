"""The one place that wires everything: ``create_app(settings)`` makes the parts of the bot's process and joins them."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI
from redis.exceptions import RedisError
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError
from starlette.responses import JSONResponse

from bot.agency.model import load_agency
from bot.app.channel_registry import World, connect
from bot.channels.web.chats import Conversations
from bot.channels.web.missing_page import missing_page
from bot.channels.web.origins import WidgetOrigins
from bot.channels.web.router import WebChat
from bot.channels.web.sent_files import sent_files_router
from bot.conversation.addresses import Addresses
from bot.conversation.file_links import FileLinks
from bot.conversation.inbox import Mailbox
from bot.conversation.live import Live
from bot.core.logs import log
from bot.core.settings import Settings
from bot.core.texts import read_all
from bot.crisis.emergency import load_net
from bot.desk.router import console_router
from bot.faq.publishing.watch import LiveFaq
from bot.handoff.approval_policy import Holding
from bot.handoff.approvals import Approvals
from bot.handoff.callbacks.dialogue import CallbackDialogue
from bot.handoff.callbacks.request import Requests
from bot.handoff.estimate import asks_how_long
from bot.handoff.hours import Attention
from bot.handoff.notices import WaitingNotices
from bot.handoff.sweeper import Sweeper
from bot.record.engine import PersonsConnection, open_database
from bot.record.recorder import Recorder
from bot.record.recovery import Rebuild
from bot.record.retention import Terms, forget_forever
from bot.record.versions import keep_versions
from bot.store.client import open_redis
from bot.store.throttle import Attempts
from bot.tickets.approvals import Proposals
from bot.tickets.outbox import Outbox
from bot.tickets.presence import Presences
from bot.tickets.transitions import Moves
from bot.tickets.waits import Waits
from bot.turns.message_batch import Bursts
from bot.turns.rasa_client import Rasa
from bot.turns.turns import Turns
from bot.turns.worker import Worker

HEALTH_PATIENCE_S = 2.0


def create_app(settings: Settings) -> FastAPI:
    """The ASGI application: web chat, pages, health, with worker and recorder running beside. Raises InvalidAgency."""
    read_all()
    load_net()
    agency = load_agency(settings.agency_file)
    redis = open_redis(settings.redis_url.get_secret_value())
    database = settings.database_url.get_secret_value()
    (engine, sessions), (persons_engine, persons) = open_database(database), open_database(database, PersonsConnection)
    rebuild = Rebuild(redis, persons)
    mailbox, live = Mailbox(redis, rebuild.run), Live(redis)
    chat = Conversations.from_redis(redis, mailbox, live=live, home=settings.home)
    rasa = Rasa(settings.rasa_url, token=settings.rasa_token.get_secret_value())
    attention, addresses = Attention(agency), Addresses(settings.secret.get_secret_value())
    waits, faq = Waits(redis), LiveFaq(settings.faq_dir, agency, home=settings.home)
    presences, proposals = Presences(redis, agency.desk.lease_s), Proposals(redis, rebuild.run)
    notices = WaitingNotices(agency, attention, chat.tickets.count_waiting, waits)
    turns = Turns(
        agency=agency,
        rasa=rasa,
        wait_notice=notices,
        rollout=chat.rollout,
        callbacks=CallbackDialogue(agency, Requests(agency, attention), addresses),
        still=notices.still,
        asks_how_long=asks_how_long,
        holding=Holding(agency, attention, presences, faq.team_of),
    )
    bursts = Bursts(agency.quiet_ms)
    worker = Worker(redis=redis, mailbox=mailbox, proposals=proposals, turns=turns, bursts=bursts)
    outbox = Outbox(redis)
    moves = Moves(redis)
    sweeper = Sweeper(
        tickets=chat.tickets,
        moves=moves,
        presences=presences,
        outbox=outbox,
        agency=agency,
        attention=attention,
        waits=waits,
        proposals=proposals,
        refill=rebuild.run,
    )
    recorder = Recorder(redis=redis, sessions=sessions)
    connected = connect(World(settings, agency, redis, mailbox, addresses, chat.files))

    @asynccontextmanager
    async def running(_app: FastAPI) -> AsyncIterator[None]:
        await faq.start()
        trackers = settings.rasa_database_url.get_secret_value()
        terms = Terms(agency.keep_days, agency.audit_days, agency.desk.keep_contact_days)
        forgetting = forget_forever(sessions, terms, trackers)
        forgetting_files = chat.files.forget_forever(agency.keep_days)
        work = (
            worker.run(),
            recorder.run(),
            sweeper.run(),
            forgetting,
            keep_versions(faq, sessions),
            chat.places.run(),
            forgetting_files,
        )
        tasks = [asyncio.create_task(one) for one in (*work, *connected.work())]
        for task in (*tasks, await live.start()):
            task.add_done_callback(end_when_broken)
        yield
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await rebuild.close()
        await live.stop()
        await faq.stop()
        await connected.close()
        await rasa.close()
        await redis.aclose()
        await engine.dispose()
        await persons_engine.dispose()

    app = FastAPI(title=agency.name, lifespan=running, docs_url=None, redoc_url=None)
    sites = (*agency.chat_sites, *settings.widget_origins)
    app.add_middleware(WidgetOrigins, allowed=(*sites, settings.public_url))
    app.add_exception_handler(404, missing_page(agency, sites))
    web = WebChat(conversations=chat, agency=agency, secret=settings.secret.get_secret_value(), sites=sites)
    sent_files = sent_files_router(FileLinks(addresses), chat.files)
    for router in (web.router(), *connected.routers(), sent_files):
        app.include_router(router)
    app.include_router(
        console_router(
            tickets=chat.tickets,
            moves=moves,
            presences=presences,
            approvals=Approvals(
                proposals=proposals, presences=presences, agency=agency, wait_notice=notices, forget=rasa.forget
            ),
            mailbox=mailbox,
            attempts=Attempts(redis),
            live=live,
            outbox=outbox,
            signals=chat.signals,
            rollout=chat.rollout,
            sessions=persons,
            agency=agency,
            settings=settings,
            faq=faq,
            fetch=connected.file,
            preview=connected.preview,
            patient=sessions,
        )
    )

    @app.get("/health", include_in_schema=False)
    async def health() -> JSONResponse:
        """200 while this process can keep messages; Rasa's state is only told."""
        parts = {"redis": await _redis_answers(redis), "rasa": await rasa.healthy()}
        try:
            async with asyncio.timeout(HEALTH_PATIENCE_S), persons() as session:
                parts["postgres"] = bool(await session.scalar(text("SELECT 1")))
        except (SQLAlchemyError, OSError):
            parts["postgres"] = False
        return JSONResponse(parts, status_code=200 if parts["redis"] else 503)

    return app


def end_when_broken(task: asyncio.Task[None]) -> None:
    """A background task that ended by itself leaves citizens without answers: end, so that we are started again.

    One that was asked to end may return instead of being cancelled (see ``stopping``): that is not by itself.
    """
    if not task.cancelling():
        error = "cancelled" if task.cancelled() else str(task.exception())
        log.critical("background task ended", task=str(task.get_coro()), error=error)
        os.kill(os.getpid(), signal.SIGTERM)


async def _redis_answers(redis: object) -> bool:
    try:
        return bool(await redis.ping())  # type: ignore[attr-defined]
    except (RedisError, OSError):
        return False
