"""Serves the list of conversations that a figure counts, and each conversation with personal data masked."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from urllib.parse import urlencode

from fastapi import APIRouter, Request
from fastapi.responses import Response

from bot.agency.model import Agency
from bot.core.disk import Disk
from bot.core.texts import area
from bot.desk.api.search import Reading, ReadingLimits
from bot.desk.api.tickets import agent_of
from bot.desk.auth.audit import Action, AuditLog
from bot.desk.auth.guard import Guard
from bot.desk.auth.permissions import Permission, may
from bot.desk.auth.sessions import SignedIn
from bot.desk.auth.unavailable import require_room
from bot.desk.pages.base import DeskPages
from bot.desk.pages.figures.filters import Filters, filters_of, slice_of
from bot.desk.pages.figures.listing import MaskedConversations, listed_rows, slice_words
from bot.desk.pages.figures.view import PATH, Names
from bot.desk.queries.reach import Reach
from bot.desk.queries.search import Search
from bot.faq.entries.entry import Published
from bot.figures.definitions import Table, definitions
from bot.figures.listing import Listing
from bot.figures.report import Reports
from bot.figures.results import Listed
from bot.figures.shown import FEW
from bot.record.engine import Sessions

MOST_DIGITS = 14  # of the latest time in ms that datetime can hold


class ListingPage:
    """The handlers of the list of conversations that a figure counts, and of the page of one conversation.

    Staff of the desk may open the episodes that reach.py allows; other staff may open none. Only staff of the desk
    without assigned teams see lists of fewer than FEW conversations.
    """

    def __init__(
        self,
        *,
        guard: Guard,
        pages: DeskPages,
        sessions: Sessions,
        reports: Reports,
        agency: Agency,
        faq: Published,
        disk: Disk,
        search: Search,
        reach: Reach,
        audit: AuditLog,
        limits: ReadingLimits,
    ) -> None:
        self._guard, self._pages, self._reports, self._audit = guard, pages, reports, audit
        self._agency, self._faq, self._disk = agency, faq, disk
        self._listing, self._talks = Listing(sessions), MaskedConversations(sessions, agency.timezone)
        self._search, self._reach, self._limits = search, reach, limits

    def add_to(self, router: APIRouter) -> None:
        self._pages.serve(router, "GET", f"{PATH}/{{figure}}", self.show)
        self._pages.serve(router, "GET", f"{PATH}/{{figure}}/{{conversation}}/{{start}}", self.talk)

    async def show(self, request: Request, figure: str) -> Response:
        """Lists the conversations that a figure counts, with links to the conversations that the reader may open."""
        signed_in = await self._guard.page(request, Permission.FIGURES)
        if figure not in definitions():
            return await self._pages.missing_page(request)
        require_room(self._disk)
        filters, among, now = self._filters(request), slice_of(request.query_params), datetime.now(UTC)
        is_hidden = await self._reports.hides(filters.period, now, filters.only)
        found = [] if is_hidden else await self._listing.of(figure, filters.period, now, only=filters.only, among=among)
        if len(found) < FEW and not self._reads_everything(signed_in):
            found, is_hidden = [], is_hidden or bool(found)
        names = Names({entry.id: entry.question for entry in self._faq.entries}, self._agency.teams)
        addresses = await self._addresses(signed_in, figure, found, request.url.query)
        return self._pages.sheet(
            "figures_list.html",
            signed_in,
            here=PATH,
            t=area("cifras"),
            definition=definitions()[figure],
            filters=filters,
            among=slice_words(among, names),
            back=f"{PATH}?{urlencode(filters.query)}",
            is_hidden=is_hidden,
            is_part=filters.only.part is not None,
            rows=listed_rows(found, self._agency.timezone, self._agency.teams, addresses),
        )

    async def talk(self, request: Request, figure: str, conversation: str, start: str) -> Response:
        """Shows the messages of one episode, masked; ``start`` is when it began, in ms since 1970."""
        signed_in = await self._guard.page(request, Permission.FIGURES)
        filters = self._filters(request)
        if figure not in definitions() or not start.isdecimal() or len(start) > MOST_DIGITS:
            return await self._pages.missing_page(request)
        await self._limits.count(signed_in, Reading.CONVERSATION)
        begun = datetime.fromtimestamp(int(start) / 1000, UTC)
        is_hidden = await self._reports.hides(filters.period, datetime.now(UTC), filters.only)
        end = (
            None
            if is_hidden or not await self._opens(signed_in, {conversation})
            else (await self._listing.ends(conversation, begun))
        )
        readable = await self._reach.readable(conversation, agent_of(signed_in))
        lines = await self._talks.lines(conversation, begun, end, readable) if end else []
        if not lines:
            return await self._pages.missing_page(request)
        facts = {"conversation": conversation, "figure": figure}
        await self._audit.record_view(
            Action.TRANSCRIPT_VIEWED, staff_id=signed_in.staff.id, subject=f"{conversation} {start}", **facts
        )
        return self._pages.sheet(
            "figures_talk.html",
            signed_in,
            here=PATH,
            t=area("cifras"),
            definition=definitions()[figure],
            back=f"{PATH}/{figure}?{request.url.query}",
            begun=begun.astimezone(self._agency.zone),
            lines=lines,
            whole=conversation if self._reads_everything(signed_in) else "",
        )

    def _reads_everything(self, signed_in: SignedIn) -> bool:
        return may(signed_in.staff, Permission.DESK) and not agent_of(signed_in).teams

    async def _opens(self, signed_in: SignedIn, names: set[str]) -> set[str]:
        """Returns the conversations in which the person may read something."""
        if not may(signed_in.staff, Permission.DESK):
            return set()
        return await self._search.reached(names, agent_of(signed_in)) - await self._talks.private(names)

    async def _addresses(self, signed_in: SignedIn, figure: str, found: Sequence[Listed], query: str) -> dict[int, str]:
        """Maps the position in ``found`` of each conversation that the person may open to the URL of its page."""
        if definitions()[figure].table is Table.WINDOWS:  # the rows are days, not episodes
            return {}
        opened = await self._opens(signed_in, {one.conversation for one in found if one.conversation})
        return {
            place: f"{PATH}/{figure}/{one.conversation}/{int(one.started_at.timestamp() * 1000)}?{query}"
            for place, one in enumerate(found)
            if one.conversation in opened
        }

    def _filters(self, request: Request) -> Filters:
        today = self._agency.today()
        return filters_of(request.query_params, today, self._agency.figure_segments, self._agency.teams)
