"""Wires the console: ``create_app()`` calls ``console_router`` once and includes what it returns."""

from __future__ import annotations

from typing import Protocol

from fastapi import APIRouter
from fastapi.staticfiles import StaticFiles
from starlette.responses import Response
from starlette.types import Scope

from bot.agency.model import Agency
from bot.conversation.addresses import Addresses
from bot.conversation.files import FILES_FOLDER, Files
from bot.conversation.inbox import Mailbox
from bot.conversation.live import Live
from bot.conversation.signals import Signals
from bot.core.settings import Settings
from bot.desk.api.answers import Answers, Published
from bot.desk.api.approvals import ProposalsApi
from bot.desk.api.attachments import Attachments, Fetch
from bot.desk.api.card import CardApi
from bot.desk.api.day import DayApi
from bot.desk.api.deliveries import DeliveriesApi
from bot.desk.api.entries import AnswersApi
from bot.desk.api.files import FilesApi
from bot.desk.api.preview import Preview, PreviewApi
from bot.desk.api.queue import QueueApi
from bot.desk.api.search import SearchApi
from bot.desk.api.sending import SendingApi
from bot.desk.api.stream import DeskStream, FaqProblems
from bot.desk.api.suggestions import Suggestions
from bot.desk.api.tickets import DeskApi
from bot.desk.auth.guard import Gate
from bot.desk.auth.oidc import Oidc
from bot.desk.auth.oidc_accounts import OidcAccounts
from bot.desk.auth.sign_in import Auth
from bot.desk.auth.unavailable import ConsoleRoute
from bot.desk.pages.account import AccountPage
from bot.desk.pages.audit import AuditPage
from bot.desk.pages.base import FOLDER, DeskPages
from bot.desk.pages.callbacks import CallbacksPage
from bot.desk.pages.canned import CannedPage
from bot.desk.pages.missing import MissingPage
from bot.desk.pages.oidc import OidcPage
from bot.desk.pages.ratings import Opinions, OpinionsPage
from bot.desk.pages.rollout import RolloutPage
from bot.desk.pages.second_factor import SecondFactorPage
from bot.desk.pages.staff import StaffPage
from bot.desk.queries.audit import AuditReader
from bot.desk.queries.callbacks import Callbacks
from bot.desk.queries.canned import CannedReplies
from bot.desk.queries.closings import Closings
from bot.desk.queries.search import Search
from bot.desk.views.tickets import Views
from bot.handoff.approvals import Approvals
from bot.handoff.callbacks.news import CallbackNews
from bot.handoff.hours import Attention
from bot.handoff.media import Media
from bot.handoff.queue import Queue
from bot.handoff.service import Desk
from bot.record.engine import Sessions
from bot.store.throttle import Attempts
from bot.tickets.outbox import Outbox
from bot.tickets.presence import Presences
from bot.tickets.tickets import Tickets
from bot.tickets.transitions import Moves
from bot.turns.rollout import Rollout

MAX_BODY_BYTES = 64 * 1024


class Faq(FaqProblems, Published, Protocol):
    """The FAQ as this process follows it."""


class ConsoleFiles(StaticFiles):
    """The console's scripts and style sheets: asked again each time, answered with 304 while unchanged."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        response = await super().get_response(path, scope)
        response.headers.update({"Cache-Control": "no-cache", "X-Content-Type-Options": "nosniff"})
        return response


def console_router(
    *,
    tickets: Tickets,
    moves: Moves,
    presences: Presences,
    approvals: Approvals,
    mailbox: Mailbox,
    outbox: Outbox,
    attempts: Attempts,
    live: Live,
    signals: Signals,
    rollout: Rollout,
    sessions: Sessions,
    agency: Agency,
    settings: Settings,
    faq: Faq,
    fetch: Fetch | None = None,
    preview: Preview | None = None,
    patient: Sessions | None = None,
) -> APIRouter:
    """``/desk`` and everything below it. ``live`` must have been started; ``fetch`` gets what citizens attached,
    ``preview`` says how WhatsApp words a reply after its window, ``patient`` sessions are for
    what takes longer than people wait."""
    secret = settings.secret.get_secret_value()
    names = (agency.name, agency.short_name, agency.comuna)
    auth = Auth(
        sessions,
        attempts=attempts,
        secret=secret,
        agency=agency.short_name,
        known_words=names,
        teams_now=agency.teams_now,
    )
    gate = Gate(auth.browsers, public_url=settings.public_url, second_factor=agency.second_factor)
    files = Files(settings.home / FILES_FOLDER)
    media = Media(tickets=tickets, files=files, public_url=settings.public_url)
    desk = Desk(tickets=tickets, mailbox=mailbox, signals=signals, presences=presences, agency=agency)
    queue, views = Queue(tickets=tickets, moves=moves, presences=presences, agency=agency), Views(agency, media)
    stream = DeskStream(desk=desk, live=live, views=views, browsers=auth.browsers, faq_problems=faq)
    answers = Answers(faq, Suggestions(settings.actions_url), agency.timezone)
    closings = Closings(sessions)
    api = DeskApi(
        gate=gate,
        desk=desk,
        views=views,
        stream=stream,
        audit=auth.audit,
        faq_problems=faq,
        answers=answers,
        closings=closings,
    )
    router = APIRouter(route_class=ConsoleRoute, include_in_schema=False, max_body_size=MAX_BODY_BYTES)
    pages = DeskPages(gate=gate, auth=auth, agency=agency, provider=settings.oidc_label)
    pages.add_to(router)
    AccountPage(gate=gate, auth=auth, pages=pages, agency=agency).add_to(router)
    if settings.oidc_issuer:
        oidc, accounts = Oidc(settings), OidcAccounts(sessions, settings)
        OidcPage(gate=gate, auth=auth, pages=pages, oidc=oidc, accounts=accounts, mailbox=mailbox).add_to(router)
    SecondFactorPage(gate=gate, auth=auth, pages=pages, sessions=sessions).add_to(router)
    StaffPage(gate=gate, pages=pages, sessions=sessions, agency=agency).add_to(router)
    callbacks = Callbacks(sessions=sessions, tickets=tickets, moves=moves, addresses=Addresses(secret))
    CallbacksPage(
        gate=gate,
        pages=pages,
        callbacks=callbacks,
        desk=desk,
        queue=queue,
        news=CallbackNews(mailbox, agency, Attention(agency)),
        agency=agency,
        audit=auth.audit,
    ).add_to(router)
    OpinionsPage(gate=gate, pages=pages, opinions=Opinions(sessions, agency.timezone), audit=auth.audit).add_to(router)
    reader = AuditReader(sessions, agency.timezone, patient)
    AuditPage(gate=gate, pages=pages, reader=reader, audit=auth.audit).add_to(router)
    RolloutPage(gate=gate, pages=pages, rollout=rollout, audit=auth.audit).add_to(router)
    CannedPage(gate=gate, pages=pages, canned=CannedReplies(sessions), audit=auth.audit, agency=agency).add_to(router)
    MissingPage(gate=gate, pages=pages, closings=closings, audit=auth.audit, agency=agency).add_to(router)
    api.add_to(router)
    QueueApi(gate=gate, desk=desk, queue=queue, views=views, audit=auth.audit, agency=agency).add_to(router)
    ProposalsApi(gate=gate, approvals=approvals, audit=auth.audit).add_to(router)
    search = Search(sessions)
    SearchApi(gate=gate, search=search, audit=auth.audit).add_to(router)
    DeliveriesApi(gate=gate, desk=desk, outbox=outbox).add_to(router)
    CardApi(gate=gate, desk=desk, sessions=sessions, audit=auth.audit).add_to(router)
    DayApi(gate=gate, sessions=sessions, timezone=agency.timezone).add_to(router)
    AnswersApi(gate=gate, desk=desk, answers=answers).add_to(router)
    FilesApi(gate=gate, desk=desk, files=files, audit=auth.audit, secret=secret).add_to(router)
    router.include_router(SendingApi(gate=gate, desk=desk, media=media, audit=auth.audit).router())
    if fetch is not None:
        Attachments(gate=gate, desk=desk, search=search, audit=auth.audit, fetch=fetch).add_to(router)
    if preview is not None:
        PreviewApi(gate=gate, desk=desk, preview=preview).add_to(router)
    router.mount("/desk/static", ConsoleFiles(directory=FOLDER / "static"), name="desk-static")
    return router
