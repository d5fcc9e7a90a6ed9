"""Serves ``/desk/mensajes``, where staff remove messages from a conversation that they do not attend.

Staff with the permission PRIVACY read every conversation; others read the episodes that reach.py allows. Each showing
counts towards the account's hourly limit of recorded conversations.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from urllib.parse import urlencode

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response

from bot.agency.model import Agency
from bot.core.errors.base import PermanentError
from bot.core.events import Event
from bot.core.texts import area, say
from bot.desk.api.search import Reading, ReadingLimits
from bot.desk.api.tickets import agent_of
from bot.desk.auth.audit import Action, AuditLog
from bot.desk.auth.guard import Guard
from bot.desk.auth.permissions import Permission, may
from bot.desk.auth.sessions import SignedIn
from bot.desk.pages.base import DeskPages, is_sure
from bot.desk.pages.form_fields import short
from bot.desk.queries.search import Search
from bot.desk.views.transcript import event_view
from bot.privacy.personal_data import NothingKept, PersonalData
from bot.privacy.removals import Blocked, NotRemovable, Remover
from bot.privacy.removed_rows import is_removable

PATH = "/desk/mensajes"
DONE = ("hecho", "despues")


class MessagesPage:
    """The handlers of the page for removing messages, and of its form."""

    def __init__(
        self,
        *,
        guard: Guard,
        pages: DeskPages,
        data: PersonalData,
        search: Search,
        agency: Agency,
        audit: AuditLog,
        limits: ReadingLimits,
    ) -> None:
        self._guard, self._pages, self._audit, self._limits = guard, pages, audit, limits
        self._data, self._search, self._zone = data, search, agency.zone
        self._maps = agency.map_template

    def add_to(self, router: APIRouter) -> None:
        self._pages.serve(router, "GET", PATH, self.show)
        self._pages.serve(router, "POST", PATH, self.remove)

    async def show(self, request: Request) -> Response:
        signed_in = await self._guard.page(request, Permission.REMOVE)
        number = short(request.query_params.get("numero", ""))
        done = request.query_params.get("hecho", "")
        notice = area("desk")["mensajes"][done] if done in DONE else ""
        return await self._page(signed_in, number, notice=notice)

    async def remove(self, request: Request) -> Response:
        signed_in, form = await self._pages.posted(request, Permission.REMOVE)
        number, event_id = short(str(form.get("numero", ""))), short(str(form.get("mensaje", "")))
        try:
            name, events = await self._read(signed_in, number)
            if event_id not in {event.id for event in events}:
                raise NotRemovable()
            if not is_sure(form):
                return self._pages.ask(request, signed_in, form, here=PATH, key="mensaje")
            begun = await self._data.removals.begin(name, event_id, Remover(signed_in.staff.id, signed_in.staff.name))
        except PermanentError as error:
            return await self._page(signed_in, number, error=say(error.text_key), status=409)
        done = "hecho" if begun.at_once else "despues"
        return RedirectResponse(f"{PATH}?{urlencode({'numero': number, 'hecho': done})}", 303)

    async def _page(
        self, signed_in: SignedIn, number: str, *, notice: str = "", error: str = "", status: int = 200
    ) -> Response:
        if number:
            await self._limits.count(signed_in, Reading.CONVERSATION)
        try:
            name, events = await self._read(signed_in, number)
        except Blocked as blocked:
            name, events, error, status = "", (), say(blocked.text_key), 409
        if number and not name and not error:
            error, status = say("privacidad.errores.nada"), 404
        if name:
            await self._audit.record(Action.TRANSCRIPT_VIEWED, staff_id=signed_in.staff.id, conversation=name)
        rows = [(event_view(event, maps=self._maps), is_removable(event), self._when(event)) for event in events]
        return self._pages.sheet(
            "removing.html",
            signed_in,
            here=PATH,
            status=status,
            number=number,
            rows=rows,
            notice=notice,
            error=error,
        )

    def _when(self, event: Event) -> str:
        return f"{datetime.fromtimestamp(event.at / 1000, self._zone):%d-%m-%Y %H:%M}"

    async def _read(self, signed_in: SignedIn, number: str) -> tuple[str, Sequence[Event]]:
        """Returns a conversation's id and the events that this person may read; ('', ()) if ``number`` finds none.

        Raises Blocked.
        """
        if not number:
            return "", ()
        try:
            name = await self._data.find(number)
        except NothingKept:
            return "", ()
        if may(signed_in.staff, Permission.PRIVACY):
            if await self._data.corrections.is_blocked(name):
                raise Blocked()
            return name, await self._data.messages(name)
        past = await self._search.past(name, agent_of(signed_in))
        return (name, past.events) if past else ("", ())
