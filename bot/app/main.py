"""Builds the ASGI application of a bot process."""

from __future__ import annotations

from datetime import UTC, datetime

from fastapi import FastAPI
from starlette.types import ASGIApp

from bot.app.background import lifespan_of
from bot.app.error_pages import failed_page
from bot.app.headers import SafeHeaders
from bot.app.health import health_router
from bot.app.hosts import KnownHosts
from bot.app.missing_page import missing_page
from bot.app.role import Role
from bot.app.services import Services
from bot.channels.web.files import sent_files_router
from bot.channels.web.origins import WidgetOrigins
from bot.channels.web.own_data.page import own_data_router
from bot.channels.web.router import WebChat
from bot.channels.web.site import Site
from bot.conversation.file_links import FileLinks
from bot.conversation.malware import scanned, scanner_of
from bot.core.messages import Channel
from bot.core.progress import Progress
from bot.desk.editing.presence import OpenEntries
from bot.desk.router import desk_router
from bot.desk.services import DeskServices
from bot.faq.encoder.folder import encoder_in_use
from bot.figures.publishing import Months
from bot.figures.sampling.samples import Samples
from bot.handoff.approvals import Approvals
from bot.handoff.open_now import open_now
from bot.privacy.links import OwnDataLinks
from bot.store.throttle import Throttle
from bot.tickets.staff_notices import StaffNotices


class _App(FastAPI):
    """An app that adds the security headers even to the responses of middlewares and of failed requests."""

    public_url = ""

    def build_middleware_stack(self) -> ASGIApp:
        return SafeHeaders(super().build_middleware_stack(), public_url=self.public_url)


def create_app(services: Services, role: Role = Role.ALL) -> FastAPI:
    """Builds the ASGI app for a role: the health routes and, unless the role is WORKER, web chat, channels and desk.

    The app's lifespan runs the background tasks of the role.
    """
    progress = Progress()
    lifespan = lifespan_of(services, progress, role)
    app = _App(title=services.agency.name, lifespan=lifespan, docs_url=None, redoc_url=None)
    app.public_url = services.settings.public_url
    app.add_middleware(KnownHosts, public_url=services.settings.public_url)
    if role.serves_people:
        _add_pages(app, services)
    app.include_router(health_router(services, progress))
    return app


def _add_pages(app: FastAPI, services: Services) -> None:
    settings, chat, site = services.settings, services.chat, site_of(services)
    app.add_middleware(WidgetOrigins, allowed=(*site.frames, settings.public_url))
    app.add_exception_handler(404, missing_page(site))
    app.add_exception_handler(Exception, failed_page(site))
    web = WebChat(conversations=chat, site=site, secret=settings.secret.get_secret_value())
    links = OwnDataLinks(services.addresses, settings.public_url)
    for router in services.channels.routers():
        app.include_router(router)
    for ours in (
        web.router(),
        sent_files_router(FileLinks(services.addresses), chat.files),
        own_data_router(site, links, services.personal_data),
        desk_router(desk_services_of(services)),
    ):
        app.router.routes.extend(ours.routes)  # include_router would read every signature again


def site_of(services: Services) -> Site:
    """Builds the data and functions that the citizens' pages use."""
    agency, settings = services.agency, services.settings
    return Site(
        agency,
        frames=(*agency.chat_sites, *settings.widget_origins),
        public_url=settings.public_url,
        opening=lambda: open_now(agency, datetime.now(UTC), services.public_notices.board),
        entries=lambda: services.faq.entries,
        notices=services.public_notices.board,
        channels=(Channel.WEB, *(one.channel for one in services.channels.adapters)),
        data=settings.project_root / "data",
        encoder=lambda: encoder_in_use(settings.answers_home, settings.faq_encoder),
        pools=Samples(services.databases.persons).pools,
        months=Months(services.databases.persons, agency.timezone, agency.keep_days).newest,
    )


def desk_services_of(services: Services) -> DeskServices:
    """Bundles the services that the desk uses."""
    return DeskServices(
        tickets=services.chat.tickets,
        transitions=services.transitions,
        presences=services.presences,
        staff_notices=StaffNotices(services.redis),
        open_entries=OpenEntries(services.redis),
        approvals=Approvals(
            pending_approvals=services.pending_approvals,
            presences=services.presences,
            agency=services.agency,
            wait_notice=services.notices,
        ),
        inbox=services.inbox,
        throttle=Throttle(services.redis),
        live=services.live,
        outbox=services.outbox,
        signals=services.chat.signals,
        rollout=services.chat.rollout,
        sessions=services.databases.persons,
        agency=services.agency,
        settings=services.settings,
        disk=services.disk,
        files=services.chat.files,
        complaint_files=services.complaint_files,
        personal_data=services.personal_data,
        ban_book=services.ban_book,
        faq=services.faq,
        board=services.public_notices.board,
        kept_notices=services.public_notices.kept,
        channels=(Channel.WEB, *(one.channel for one in services.channels.adapters)),
        fetch=scanned(services.channels.file, scanner_of(services.settings.clamd_url)),
        previews=services.channels.previews,
        slow_sessions=services.databases.sessions,
    )
