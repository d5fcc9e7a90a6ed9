"""Builds the desk's router: creates each page and API handler from ``DeskServices`` and adds its routes."""

from __future__ import annotations

from fastapi import APIRouter

from bot.conversation.addresses import Addresses
from bot.desk.api.approvals import ApprovalsApi
from bot.desk.api.attachments import Attachments
from bot.desk.api.card import CardApi
from bot.desk.api.day import DayApi
from bot.desk.api.deliveries import DeliveriesApi
from bot.desk.api.entries import AnswersApi
from bot.desk.api.files import FilesApi
from bot.desk.api.notices import NoticesApi
from bot.desk.api.preview import PreviewApi
from bot.desk.api.queue import QueueApi
from bot.desk.api.search import SearchApi
from bot.desk.api.sending import SendingApi
from bot.desk.api.stream import DeskStream
from bot.desk.api.team import TeamApi
from bot.desk.api.tickets import DeskApi
from bot.desk.auth.oidc import Oidc
from bot.desk.auth.oidc_accounts import OidcAccounts
from bot.desk.auth.unavailable import DeskRoute
from bot.desk.editing.editions import Editions
from bot.desk.entry_routes import add_entries
from bot.desk.figure_routes import add_figures
from bot.desk.notice_routes import add_notices
from bot.desk.pages.account import AccountPage
from bot.desk.pages.agency.page import AgencyPage
from bot.desk.pages.audit import AuditPage
from bot.desk.pages.banning.page import BansPage
from bot.desk.pages.callbacks.page import CallbacksPage
from bot.desk.pages.canned import CannedPage
from bot.desk.pages.complaints.page import ComplaintsPage
from bot.desk.pages.live_view import LiveViewPage
from bot.desk.pages.missing import MissingPage
from bot.desk.pages.privacy.page import PrivacyPage, PrivacyStores
from bot.desk.pages.ratings import RatingsPage
from bot.desk.pages.removing.api import RemovingApi
from bot.desk.pages.removing.page import MessagesPage
from bot.desk.pages.rollout import RolloutPage
from bot.desk.pages.sign_in.oidc import OidcPage
from bot.desk.pages.sign_in.password import PasswordPage
from bot.desk.pages.sign_in.second_factor import SecondFactorPage
from bot.desk.pages.staff import StaffPage
from bot.desk.queries.answer_ratings import AnswerRatings
from bot.desk.queries.audit import AuditReader
from bot.desk.queries.callbacks import Callbacks
from bot.desk.queries.canned import CannedReplies
from bot.desk.queries.complaints import ComplaintList
from bot.desk.queries.privacy_register import PrivacyRegister
from bot.desk.queries.ratings import Ratings
from bot.desk.queries.team import TeamWork
from bot.desk.services import DeskServices, Shared
from bot.desk.static_files import add_static
from bot.handoff.callbacks.news import CallbackNews
from bot.handoff.hours import ServiceHours
from bot.record.audit_signatures import AuditSignatures

MAX_BODY_BYTES = 64 * 1024


def desk_router(services: DeskServices) -> APIRouter:
    """Returns the router for ``/desk``, all paths below it, and the pages of responsible units (``/visto-bueno``)."""
    shared = Shared.from_services(services)
    router = APIRouter(route_class=DeskRoute, include_in_schema=False, max_body_size=MAX_BODY_BYTES)
    _add_sign_in(router, services, shared)
    _add_pages(router, services, shared)
    _add_complaints(router, services, shared)
    _add_privacy(router, services, shared)
    add_notices(router, services, shared)
    _add_tickets(router, services, shared)
    _add_looking_up(router, services, shared)
    _add_files(router, services, shared)
    add_static(router)
    shared.pages.serve(router, "GET", "/desk/{unknown:path}", shared.pages.missing_page)
    return router


def _add_sign_in(router: APIRouter, services: DeskServices, shared: Shared) -> None:
    """Adds the pages for sign-in, the person's own account and the staff accounts."""
    guard, auth, pages, sessions = shared.guard, shared.auth, shared.pages, services.sessions
    settings, agency = services.settings, services.agency
    pages.add_to(router)
    PasswordPage(guard=guard, auth=auth, pages=pages).add_to(router)
    AccountPage(guard=guard, auth=auth, pages=pages, agency=agency, signals=services.signals).add_to(router)
    if settings.oidc_issuer:
        oidc, accounts = Oidc(settings), OidcAccounts(sessions, settings)
        page = OidcPage(guard=guard, auth=auth, pages=pages, oidc=oidc, accounts=accounts, inbox=services.inbox)
        page.add_to(router)
    SecondFactorPage(guard=guard, auth=auth, pages=pages, sessions=sessions).add_to(router)
    staff = StaffPage(guard=guard, pages=pages, sessions=sessions, agency=agency, signals=services.signals)
    staff.add_to(router)
    AgencyPage(guard=guard, pages=pages, sessions=sessions, agency=agency, file=settings.agency_file).add_to(router)


def _add_callbacks(router: APIRouter, services: DeskServices, shared: Shared) -> None:
    agency, hours = services.agency, ServiceHours(services.agency, services.board)
    callbacks = Callbacks(
        sessions=services.sessions,
        tickets=services.tickets,
        transitions=services.transitions,
        addresses=Addresses(services.secret),
    )
    CallbacksPage(
        guard=shared.guard,
        pages=shared.pages,
        callbacks=callbacks,
        desk=shared.desk,
        search=shared.search,
        queue=shared.queue,
        news=CallbackNews(services.inbox, agency, hours),
        service_hours=hours,
        agency=agency,
        audit=shared.audit,
        limits=shared.limits,
    ).add_to(router)


def _add_pages(router: APIRouter, services: DeskServices, shared: Shared) -> None:
    """Adds the other pages, such as call-backs, ratings, audit log, canned replies, figures and entries."""
    guard, pages, audit = shared.guard, shared.pages, shared.audit
    sessions, agency = services.sessions, services.agency
    _add_callbacks(router, services, shared)
    answer_ratings = AnswerRatings(sessions, lambda: services.faq.entries)
    RatingsPage(
        guard=guard,
        pages=pages,
        ratings=Ratings(sessions, agency.timezone),
        answer_ratings=answer_ratings,
        audit=audit,
        disk=services.disk,
    ).add_to(router)
    secret, home = services.settings.secret.get_secret_value(), services.settings.home
    signatures = AuditSignatures(services.slow_sessions or sessions, secret, home)
    reader = AuditReader(sessions, agency.timezone, services.slow_sessions, signatures)
    AuditPage(guard=guard, pages=pages, reader=reader, audit=audit, agency=agency).add_to(router)
    RolloutPage(
        guard=guard,
        pages=pages,
        rollout=services.rollout,
        audit=audit,
        agency=agency,
        connected=services.channels,
    ).add_to(router)
    replies = CannedReplies(sessions)
    CannedPage(guard=guard, pages=pages, canned=replies, agency=agency, board=services.board).add_to(router)
    LiveViewPage(guard=guard, pages=pages, agency=agency).add_to(router)
    add_figures(router, services, shared)
    add_entries(router, services, shared)
    MissingPage(
        guard=guard,
        pages=pages,
        closings=shared.closings,
        answer_ratings=answer_ratings,
        audit=audit,
        editions=Editions(services.sessions, four_eyes=agency.four_eyes),
        agency=agency,
    ).add_to(router)


def _add_complaints(router: APIRouter, services: DeskServices, shared: Shared) -> None:
    """Adds the page of complaints."""
    ComplaintsPage(
        guard=shared.guard,
        pages=shared.pages,
        complaints=ComplaintList(services.sessions),
        files=services.complaint_files,
        agency=services.agency,
        audit=shared.audit,
    ).add_to(router)


def _add_privacy(router: APIRouter, services: DeskServices, shared: Shared) -> None:
    """Adds the register of requests about personal data, the form to try the masking, message removals and blocks."""
    addresses, register = Addresses(services.secret), PrivacyRegister(services.sessions)
    holdings = PrivacyStores(register, services.personal_data, services.inbox, addresses)
    guard, pages, agency, audit = shared.guard, shared.pages, services.agency, shared.audit
    PrivacyPage(guard=guard, pages=pages, holdings=holdings, agency=agency, audit=audit).add_to(router)
    data = services.personal_data
    RemovingApi(guard=guard, desk=shared.desk, removals=data.removals, reach=shared.reach).add_to(router)
    MessagesPage(
        guard=guard,
        pages=pages,
        data=data,
        search=shared.search,
        agency=agency,
        audit=audit,
        limits=shared.limits,
    ).add_to(router)
    bans = services.ban_book
    BansPage(guard=guard, pages=pages, book=bans, data=data, search=shared.search, agency=agency).add_to(router)


def _add_tickets(router: APIRouter, services: DeskServices, shared: Shared) -> None:
    """Adds the API of tickets, queue, notices to staff and pending approvals."""
    guard, desk, views, audit = shared.guard, shared.desk, shared.views, shared.audit
    DeskApi(
        guard=guard,
        desk=desk,
        views=views,
        stream=DeskStream(
            desk=desk,
            live=services.live,
            views=views,
            browsers=shared.auth.browsers,
            faq_problems=services.faq,
            notices=services.staff_notices,
        ),
        audit=audit,
        faq_problems=services.faq,
        answers=shared.answers,
        closings=shared.closings,
        reach=shared.reach,
    ).add_to(router)
    QueueApi(
        guard=guard,
        desk=desk,
        queue=shared.queue,
        views=views,
        audit=audit,
        agency=services.agency,
        colleagues=shared.colleagues,
    ).add_to(router)
    NoticesApi(guard=guard, desk=desk, notices=services.staff_notices, colleagues=shared.colleagues).add_to(router)
    ApprovalsApi(guard=guard, approvals=services.approvals, audit=audit).add_to(router)


def _add_looking_up(router: APIRouter, services: DeskServices, shared: Shared) -> None:
    """Adds the lookups: search, deliveries, the citizen's card, the live view, the agent's day, FAQ entries."""
    guard, desk, audit, sessions = shared.guard, shared.desk, shared.audit, services.sessions
    SearchApi(
        guard=guard,
        search=shared.search,
        audit=audit,
        disk=services.disk,
        agency=services.agency,
        queue=shared.queue,
        colleagues=shared.colleagues,
        limits=shared.limits,
    ).add_to(router)
    DeliveriesApi(guard=guard, desk=desk, outbox=services.outbox).add_to(router)
    CardApi(guard=guard, desk=desk, sessions=sessions, audit=audit).add_to(router)
    TeamApi(
        guard=guard, desk=desk, queue=shared.queue, work=TeamWork(sessions), audit=audit, agency=services.agency
    ).add_to(router)
    DayApi(guard=guard, sessions=sessions, timezone=services.agency.timezone).add_to(router)
    AnswersApi(guard=guard, desk=desk, answers=shared.answers).add_to(router)


def _add_files(router: APIRouter, services: DeskServices, shared: Shared) -> None:
    """Adds the downloads and uploads of files, and the preview of WhatsApp replies."""
    guard, desk, audit = shared.guard, shared.desk, shared.audit
    FilesApi(guard=guard, desk=desk, files=shared.files, audit=audit, secret=services.secret).add_to(router)
    router.routes.extend(SendingApi(guard=guard, desk=desk, media=shared.media, audit=audit).router().routes)
    if services.fetch is not None:
        Attachments(
            guard=guard,
            desk=desk,
            search=shared.search,
            reach=shared.reach,
            audit=audit,
            fetch=services.fetch,
            limits=shared.limits,
        ).add_to(router)
    if services.previews:
        PreviewApi(guard=guard, desk=desk, previews=services.previews).add_to(router)
