"""Says what the desk needs: ``DeskServices`` is given to it; ``Shared`` is what its handlers share, made of that."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

from bot.agency.model import Agency
from bot.conversation.files import FILES_FOLDER, Files
from bot.conversation.inbox import Inbox
from bot.conversation.live import Live
from bot.conversation.signals import Signals
from bot.core.messages import Channel
from bot.core.settings import Settings
from bot.desk.api.answers import Answers, Published
from bot.desk.api.attachments import Fetch
from bot.desk.api.preview import Preview
from bot.desk.api.stream import FaqProblems
from bot.desk.api.suggestions import Suggestions
from bot.desk.auth.audit import AuditLog
from bot.desk.auth.guard import Guard
from bot.desk.auth.sign_in import Auth
from bot.desk.pages.base import DeskPages
from bot.desk.queries.closings import Closings
from bot.desk.queries.search import Search
from bot.desk.views.tickets import Views
from bot.handoff.approvals import Approvals
from bot.handoff.media import Media
from bot.handoff.queue import Queue
from bot.handoff.service import Desk
from bot.record.engine import Sessions
from bot.store.throttle import Throttle
from bot.tickets.outbox import Outbox
from bot.tickets.presence import Presences
from bot.tickets.tickets import Tickets
from bot.tickets.transitions import Transitions
from bot.turns.rollout import Rollout


class Faq(FaqProblems, Published, Protocol):
    """The FAQ as this process follows it."""


@dataclass(frozen=True, kw_only=True)
class DeskServices:
    """``live`` must have been started; ``fetch`` gets what citizens attached, ``previews`` say how a
    channel words a reply after its window, ``patient`` sessions are for what takes longer than people wait.
    """

    tickets: Tickets
    transitions: Transitions
    presences: Presences
    approvals: Approvals
    inbox: Inbox
    outbox: Outbox
    throttle: Throttle
    live: Live
    signals: Signals
    rollout: Rollout
    sessions: Sessions
    agency: Agency
    settings: Settings
    faq: Faq
    fetch: Fetch | None = None
    previews: Mapping[Channel, Preview] = field(default_factory=dict)
    patient: Sessions | None = None

    @property
    def secret(self) -> str:
        """What handles and cookies are encrypted with."""
        return self.settings.secret.get_secret_value()


@dataclass(frozen=True, kw_only=True)
class Shared:
    """What several handlers of the desk use."""

    auth: Auth
    guard: Guard
    pages: DeskPages
    desk: Desk
    queue: Queue
    views: Views
    answers: Answers
    closings: Closings
    search: Search
    files: Files
    media: Media

    @classmethod
    def from_services(cls, given: DeskServices) -> Shared:
        """Makes each of them once."""
        agency, settings, tickets = given.agency, given.settings, given.tickets
        auth = _auth(given)
        guard = Guard(auth.browsers, public_url=settings.public_url, second_factor=agency.second_factor)
        files = Files(settings.home / FILES_FOLDER)
        media = Media(tickets=tickets, files=files, public_url=settings.public_url)
        presences = given.presences
        return cls(
            auth=auth,
            guard=guard,
            pages=DeskPages(guard=guard, auth=auth, agency=agency, provider=settings.oidc_label),
            desk=Desk(tickets=tickets, inbox=given.inbox, signals=given.signals, presences=presences, agency=agency),
            queue=Queue(tickets=tickets, transitions=given.transitions, presences=presences, agency=agency),
            views=Views(agency, media),
            answers=Answers(given.faq, Suggestions(settings.actions_url), agency.timezone),
            closings=Closings(given.sessions),
            search=Search(given.sessions),
            files=files,
            media=media,
        )

    @property
    def audit(self) -> AuditLog:
        """Who did what and saw what."""
        return self.auth.audit


def _auth(given: DeskServices) -> Auth:
    agency = given.agency
    return Auth(
        given.sessions,
        throttle=given.throttle,
        secret=given.secret,
        agency=agency.short_name,
        known_words=(agency.name, agency.short_name, agency.comuna),
        teams_now=agency.teams_now,
    )
