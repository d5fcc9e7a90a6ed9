"""Defines the desk's dependencies (``DeskServices``) and the objects that its handlers share (``Shared``)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Protocol

from bot.agency.model import Agency
from bot.conversation.files import Files
from bot.conversation.inbox import Inbox
from bot.conversation.live import Live
from bot.conversation.signals import Signals
from bot.core.disk import Disk
from bot.core.messages import Channel
from bot.core.network import ActionsEndpoint
from bot.core.settings import Settings
from bot.desk.api.answers import Answers
from bot.desk.api.attachments import Fetch
from bot.desk.api.preview import Preview
from bot.desk.api.search import ReadingLimits
from bot.desk.api.stream import FaqProblems
from bot.desk.api.suggestions import Suggestions
from bot.desk.auth.audit import AuditLog
from bot.desk.auth.guard import Guard
from bot.desk.auth.sign_in import Auth
from bot.desk.editing.presence import OpenEntries
from bot.desk.pages.base import DeskPages
from bot.desk.pages.starting.page import first_page
from bot.desk.queries.closings import Closings
from bot.desk.queries.colleagues import Colleagues
from bot.desk.queries.reach import Reach
from bot.desk.queries.search import Search
from bot.desk.views.tickets import Views
from bot.faq.entries.entry import Published
from bot.handoff.approvals import Approvals
from bot.handoff.hours import ServiceHours
from bot.handoff.media import Media
from bot.handoff.queue import Queue
from bot.handoff.service import Desk
from bot.privacy.personal_data import PersonalData
from bot.public_notices.board import NoticeBoard
from bot.public_notices.kept import KeptNotices
from bot.record.ban_record import BanBook
from bot.record.engine import Sessions
from bot.store.throttle import Throttle
from bot.tickets.outbox import Outbox
from bot.tickets.presence import Presences
from bot.tickets.staff_notices import StaffNotices
from bot.tickets.tickets import Tickets
from bot.tickets.transitions import Transitions
from bot.turns.rollout import Rollout


class Faq(FaqProblems, Published, Protocol):
    """Provides the published FAQ of this process: its entries and the errors of its files."""


@dataclass(frozen=True, kw_only=True)
class DeskServices:
    """The dependencies of the desk, which the application provides."""

    tickets: Tickets
    transitions: Transitions
    presences: Presences
    staff_notices: StaffNotices
    open_entries: OpenEntries
    approvals: Approvals
    inbox: Inbox
    outbox: Outbox
    throttle: Throttle
    live: Live  # already started
    signals: Signals
    rollout: Rollout
    sessions: Sessions
    agency: Agency
    settings: Settings
    disk: Disk
    files: Files
    complaint_files: Files
    personal_data: PersonalData
    ban_book: BanBook
    faq: Faq
    board: NoticeBoard
    kept_notices: KeptNotices
    fetch: Fetch | None = None  # downloads citizens' attachments; with None, the desk has no route for them
    previews: Mapping[Channel, Preview] = field(default_factory=dict)  # renderers of replies after the reply window
    channels: tuple[Channel, ...] = (Channel.WEB,)  # the configured channels
    slow_sessions: Sessions | None = None  # database sessions with a long timeout

    @property
    def secret(self) -> str:
        """Returns VENTANILLA_SECRET, which encrypts and signs handles, links and cookies."""
        return self.settings.secret.get_secret_value()


@dataclass(frozen=True, kw_only=True)
class Shared:
    """The objects that several handlers of the desk share."""

    auth: Auth
    guard: Guard
    pages: DeskPages
    desk: Desk
    queue: Queue
    views: Views
    answers: Answers
    closings: Closings
    colleagues: Colleagues
    search: Search
    reach: Reach
    files: Files
    media: Media
    limits: ReadingLimits

    @classmethod
    def from_services(cls, services: DeskServices) -> Shared:
        """Creates the shared objects, each once."""
        agency, settings, tickets = services.agency, services.settings, services.tickets
        auth = _auth(services)
        guard = Guard(auth.browsers, public_url=settings.public_url, second_factor=agency.second_factor)
        media = Media(tickets=tickets, files=services.files, public_url=settings.public_url)
        return cls(
            auth=auth,
            guard=guard,
            pages=DeskPages(
                guard=guard,
                auth=auth,
                agency=agency,
                provider=settings.oidc_label,
                secret=services.secret,
                first_page=partial(first_page, agency, services.faq),
                sessions_ended=services.signals.account_changed,
            ),
            desk=_desk(services),
            queue=_queue(services),
            views=Views(agency, media),
            answers=Answers(services.faq, Suggestions(ActionsEndpoint.of(settings)), agency.timezone),
            closings=Closings(services.sessions),
            colleagues=Colleagues(services.sessions, agency),
            search=Search(services.sessions),
            reach=Reach(services.sessions),
            files=services.files,
            media=media,
            limits=ReadingLimits(services.inbox.allow),
        )

    @property
    def audit(self) -> AuditLog:
        """Returns the audit log of staff actions."""
        return self.auth.audit


def _desk(services: DeskServices) -> Desk:
    return Desk(
        tickets=services.tickets,
        inbox=services.inbox,
        signals=services.signals,
        presences=services.presences,
        agency=services.agency,
        blocked=services.personal_data.corrections.blocked_among,
    )


def _queue(services: DeskServices) -> Queue:
    return Queue(
        tickets=services.tickets,
        transitions=services.transitions,
        presences=services.presences,
        agency=services.agency,
        hours=ServiceHours(services.agency, services.board),
    )


def _auth(services: DeskServices) -> Auth:
    agency = services.agency
    return Auth(
        services.sessions,
        throttle=services.throttle,
        secret=services.secret,
        agency=agency.short_name,
        known_words=tuple(filter(None, (agency.name, agency.short_name, agency.comuna))),
        teams_now=agency.teams_now,
    )
