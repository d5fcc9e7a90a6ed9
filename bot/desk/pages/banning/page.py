"""Serves ``/desk/bloqueos``, which lists blocked conversations and has forms to block and unblock a conversation."""

from __future__ import annotations

from datetime import datetime, timedelta
from urllib.parse import urlencode
from uuid import UUID

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response

from bot.agency.model import Agency
from bot.core.texts import area, say
from bot.desk.api.tickets import agent_of
from bot.desk.auth.guard import Guard
from bot.desk.auth.permissions import Permission
from bot.desk.auth.sessions import SignedIn
from bot.desk.pages.base import DeskPages, is_sure
from bot.desk.pages.form_fields import short
from bot.desk.queries.search import Search
from bot.desk.views.nickname import nickname_of
from bot.desk.views.times import day_and_hour
from bot.privacy.personal_data import NothingKept, PersonalData
from bot.record.ban_record import BanBook

PATH = "/desk/bloqueos"


class BansPage:
    """The handlers of the list of blocks and of its forms."""

    def __init__(
        self, *, guard: Guard, pages: DeskPages, book: BanBook, data: PersonalData, search: Search, agency: Agency
    ) -> None:
        self._guard, self._pages, self._book = guard, pages, book
        self._data, self._search, self._zone = data, search, agency.zone

    def add_to(self, router: APIRouter) -> None:
        self._pages.serve(router, "GET", PATH, self.show)
        self._pages.serve(router, "POST", PATH, self.ban)
        self._pages.serve(router, "POST", f"{PATH}/levantar", self.lift)

    async def show(self, request: Request) -> Response:
        signed_in = await self._guard.page(request, Permission.BAN)
        number, done = (short(request.query_params.get(one, "")) for one in ("numero", "hecho"))
        return await self._page(signed_in, number, done=area("bloqueos")["hecho"].get(done, ""))

    async def ban(self, request: Request) -> Response:
        signed_in, form = await self._pages.posted(request, Permission.BAN)
        number, reason, days = (short(str(form.get(one, ""))) for one in ("numero", "razon", "plazo"))
        terms = {str(one) for one in area("bloqueos")["plazos"]}
        if reason not in area("bloqueos")["razones"] or days not in terms:
            return await self._page(signed_in, number, error="falta", status=422)
        conversation = await self._found(signed_in, number)
        if not conversation:
            return await self._page(signed_in, number, error="no_encontrada", status=404)
        if not is_sure(form):
            return self._pages.ask(request, signed_in, form, here=PATH, key="bloqueo", quien=nickname_of(conversation))
        staff = signed_in.staff
        if not await self._book.ban(conversation, reason, timedelta(days=int(days)), by=staff.id, name=staff.name):
            return await self._page(signed_in, number, error="ya", status=409)
        return _back("bloqueado")

    async def lift(self, request: Request) -> Response:
        signed_in, form = await self._pages.posted(request, Permission.BAN)
        lifted = await self._lift(signed_in, str(form.get("bloqueo", "")))
        return _back("levantado") if lifted else await self._page(signed_in, "", error="no_estaba", status=409)

    async def _lift(self, signed_in: SignedIn, block: str) -> bool:
        """Lifts a block; returns False if there is none, or this person may not read its conversation."""
        try:
            id = UUID(block)
        except ValueError:
            return False
        staff, conversation = signed_in.staff, await self._book.conversation(id)
        if not await self._search.reached([conversation], agent_of(signed_in)):
            return False
        return await self._book.lift(id, by=staff.id, name=staff.name)

    async def _found(self, signed_in: SignedIn, number: str) -> str:
        """Returns the id of the conversation with this number or id; '' if unknown or hidden from this person."""
        try:
            name = await self._data.find(number)
        except NothingKept:
            return ""
        return name if await self._search.past(name, agent_of(signed_in)) else ""

    async def _page(
        self, signed_in: SignedIn, number: str, *, done: str = "", error: str = "", status: int = 200
    ) -> Response:
        running, over = await self._book.running(), await self._book.over()
        names = {one.conversation_id for one in (*running, *over)}
        dangers = {one.ban: self._when(one.at) for one in await self._book.dangers()}
        seen = await self._search.reached(names, agent_of(signed_in))
        return self._pages.sheet(
            "bans.html",
            signed_in,
            here=PATH,
            status=status,
            number=number,
            running=[one for one in running if one.conversation_id in seen],
            over=[one for one in over if one.conversation_id in seen],
            dangers=dangers,
            nickname=nickname_of,
            when=self._when,
            done=done,
            error=say(f"bloqueos.errores.{error}") if error else "",
        )

    def _when(self, at: datetime) -> str:
        return day_and_hour(at, self._zone)


def _back(done: str) -> Response:
    return RedirectResponse(f"{PATH}?{urlencode({'hecho': done})}", 303)
