"""Serves ``/desk/respuestas/empezar``, where an editor turns chosen ready-made entries into drafts to complete."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from itertools import groupby
from pathlib import Path
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response

from bot.agency.model import Agency
from bot.core.messages import Channel
from bot.core.texts import area
from bot.desk.auth.guard import Guard
from bot.desk.auth.permissions import Permission
from bot.desk.auth.sessions import SignedIn
from bot.desk.editing.editions import Editions
from bot.desk.editing.listing import EntryState, Listing
from bot.desk.editing.record import Editor, Origin
from bot.desk.editing.text import EntryText, text_in
from bot.desk.pages.base import DeskPages
from bot.desk.pages.entries.list_page import PATH
from bot.desk.pages.entries.view import checked
from bot.faq.imports.ready_made import ReadyMade, ready_made

HERE = f"{PATH}/empezar"


@dataclass(frozen=True)
class Offered:
    """A ready-made entry; ``there`` is the id of the document with the same file name, '' if there is none."""

    entry: ReadyMade
    there: str
    text: EntryText
    bubbles: Sequence[str]  # its answer as the web chat shows it


class ReadyPage:
    """The page of the ready-made entries in ``data``."""

    def __init__(
        self, *, guard: Guard, pages: DeskPages, editions: Editions, listing: Listing, agency: Agency, data: Path
    ) -> None:
        self._guard, self._pages, self._editions, self._listing = guard, pages, editions, listing
        self._agency, self._data = agency, data

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
        for one in await self._offered():
            if one.entry.path in chosen and not one.there:
                taken += await self._editions.create(one.entry.path, one.text, by) is not None
        if not taken:
            return await self._page(signed_in, error=area("empezar")["ninguna"])
        return RedirectResponse(f"{PATH}?traidas=borradores-{taken}-0&estado=draft", 303)

    async def _page(self, signed_in: SignedIn, error: str = "") -> Response:
        offered = await self._offered()
        topics = [(topic, list(some)) for topic, some in groupby(offered, key=lambda one: one.entry.topic)]
        return self._pages.sheet(
            "entry_ready.html",
            signed_in,
            status=422 if error else 200,
            here=PATH,
            t=area("empezar"),
            topics=topics,
            names=area("tramites")["temas"],
            error=error,
        )

    async def _offered(self) -> Sequence[Offered]:
        today = datetime.now(UTC).astimezone(ZoneInfo(self._agency.timezone)).date()
        listed = await self._listing.all(today)
        kept = [one for one in listed if one.state is not EntryState.DISCARDED]  # a discarded one can be taken again
        there = {one.path.rpartition("/")[2]: one.id for one in kept}
        found = await asyncio.to_thread(ready_made, self._data)
        return [self._offer(one, there.get(one.path.rpartition("/")[2], ""), today) for one in found]

    def _offer(self, one: ReadyMade, there: str, today: date) -> Offered:
        agency, team = self._agency, self._agency.default_team
        files = one.files(team=team, responsible=agency.teams[team], site=agency.site, today=today)
        text = text_in(files, one.path) or EntryText("")
        shown = checked(text, one.path, agency, agency.site).shown[Channel.WEB]
        return Offered(one, there, text, [bubble.html for bubble in shown])
