"""Serves ``/desk/respuestas/empezar``: what the agency still lacks, and the ready-made entries to adapt.

Chosen ready-made entries become drafts to complete.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial
from itertools import groupby
from pathlib import Path

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response

from bot.agency.model import Agency
from bot.core.messages import Channel
from bot.core.texts import area
from bot.desk.auth.active_staff import active_staff
from bot.desk.auth.guard import Guard
from bot.desk.auth.permissions import HasRoles, Permission
from bot.desk.auth.sessions import SignedIn
from bot.desk.editing.editions import Editions
from bot.desk.editing.listing import EntryState, Listed, Listing, PublishedFiles
from bot.desk.editing.record import Editor, Origin
from bot.desk.editing.text import EntryText, text_in
from bot.desk.pages.agency.page import saved_agency
from bot.desk.pages.base import HOME, DeskPages
from bot.desk.pages.entries.list_page import PATH
from bot.desk.pages.entries.view import checked
from bot.desk.pages.starting.steps import Known, Step, is_beginning, is_demo, sets_up, steps, ways
from bot.faq.imports.ready_made import ReadyMade, ready_made
from bot.faq.publishing.agency_tests import written_tests
from bot.record.engine import Sessions

HERE = f"{PATH}/empezar"


def first_page(agency: Agency, faq: PublishedFiles, person: HasRoles, typed: bool = False) -> str:
    """Returns the page after sign-in: HERE for a person who sets up an agency that is only beginning, else HOME.

    With ``typed`` (the person typed the desk's address), returns HOME for the demo agency, which always counts as
    beginning.
    """
    beginning = is_beginning(agency, faq.entries) and not (typed and is_demo(agency))
    return HERE if sets_up(person) and beginning else HOME


@dataclass(frozen=True)
class Offered:
    """A ready-made entry; ``there`` is the id of the document with the same file name, '' if there is none.

    ``waits`` is true if that document is a draft that was never published.
    """

    entry: ReadyMade
    there: str
    waits: bool
    text: EntryText
    bubbles: Sequence[str]  # its answer as the web chat shows it


@dataclass(frozen=True, kw_only=True)
class Sources:
    """The data from which the list of steps is computed; ``tests`` is the folder of test messages.

    ``agency`` is that of the last start, and ``file`` the agency.yml of the next one.
    """

    agency: Agency
    file: Path
    faq: PublishedFiles
    sessions: Sessions
    channels: Sequence[Channel]
    tests: Path
    data: Path


class StartingPage:
    """The page of what the agency lacks and of the ready-made entries in ``data``."""

    def __init__(
        self,
        *,
        guard: Guard,
        pages: DeskPages,
        editions: Editions,
        listing: Listing,
        sources: Sources,
    ) -> None:
        self._guard, self._pages, self._editions, self._listing = guard, pages, editions, listing
        self._sources, self._agency = sources, sources.agency
        self._kind = self._agency.front_page.kind_of(self._agency.name)

    def add_to(self, router: APIRouter) -> None:
        self._pages.serve(router, "GET", HERE, self.show)
        self._pages.serve(router, "POST", HERE, self.take)

    async def show(self, request: Request) -> Response:
        signed_in = await self._guard.page(request, Permission.ENTRIES)
        return await self._page(signed_in)

    async def take(self, request: Request) -> Response:
        """Creates a draft of each chosen entry that the agency does not have yet."""
        signed_in, form = await self._pages.posted(request, Permission.ENTRIES)
        chosen, by = set(form.getlist("pregunta")), Editor(signed_in.staff.id, signed_in.staff.name, Origin.PAGE)
        taken = 0
        for one in await self._offered(await self._listing.all(self._agency.today())):
            if one.entry.path in chosen and not one.there:
                taken += await self._editions.create(one.entry.path, one.text, by) is not None
        if not taken:
            return await self._page(signed_in, error=area("empezar")["ninguna"])
        return RedirectResponse(f"{PATH}?traidas=borradores-{taken}-0&estado=draft", 303)

    async def _page(self, signed_in: SignedIn, error: str = "") -> Response:
        listed = await self._listing.all(self._agency.today())
        offered = await self._offered(listed)
        saved = await asyncio.to_thread(saved_agency, self._sources.file, self._agency)
        topics = [(topic, list(some)) for topic, some in groupby(offered, key=lambda one: one.entry.topic)]
        return self._pages.sheet(
            "starting.html",
            signed_in,
            status=422 if error else 200,
            here=PATH,
            t=area("empezar"),
            topics=topics,
            all_taken=all(one.there for one in offered),
            kind=self._kind,
            offers=is_beginning(self._agency, self._sources.faq.entries) or error,
            steps=await self._steps(listed, saved),
            waits=saved != self._agency,
            ways=partial(ways, person=signed_in.staff),
            names=area("tramites")["temas"],
            error=error,
        )

    async def _steps(self, listed: Sequence[Listed], agency: Agency) -> Sequence[Step]:
        sources = self._sources
        tests = await asyncio.to_thread(lambda: sum(1 for _ in written_tests(sources.tests)))
        async with sources.sessions() as session:
            editors = await active_staff(session, Permission.ENTRIES)
        pages = {one.path: one.id for one in listed}
        drafts = sum(_waits(one) for one in listed)
        return steps(Known(agency, sources.faq.entries, tests, sources.channels, len(editors), drafts, pages))

    async def _offered(self, listed: Sequence[Listed]) -> Sequence[Offered]:
        kept = [one for one in listed if one.state is not EntryState.DISCARDED]  # a discarded one can be taken again
        there = {one.path.rpartition("/")[2]: one for one in kept}
        found = await asyncio.to_thread(ready_made, self._sources.data, self._kind)
        return [self._offer(one, there.get(one.path.rpartition("/")[2]), self._agency.today()) for one in found]

    def _offer(self, one: ReadyMade, there: Listed | None, today: date) -> Offered:
        agency, team = self._agency, self._agency.default_team
        files = one.files(team=team, responsible=agency.teams[team], site=agency.site, today=today)
        text = text_in(files, one.path) or EntryText("")
        shown = checked(text, one.path, agency, agency.site).shown[Channel.WEB]
        waits = there is not None and _waits(there)
        return Offered(one, there.id if there else "", waits, text, [bubble.html for bubble in shown])


def _waits(one: Listed) -> bool:
    """Returns whether the entry is a draft without a published text, so that citizens cannot read it yet."""
    return one.state is EntryState.DRAFT and one.reviewed is None
