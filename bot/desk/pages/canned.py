"""Serves the canned replies: the page ``/desk/guardadas`` to edit them, and the JSON list for the reply box."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse

from bot.agency.model import Agency
from bot.desk.api.tickets import NO_STORE
from bot.desk.auth.guard import Guard, Refused
from bot.desk.auth.permissions import Permission, may
from bot.desk.auth.sessions import SignedIn
from bot.desk.pages.base import DeskPages, is_sure
from bot.desk.pages.form_fields import number
from bot.desk.queries.canned import Canned, CannedReplies, checked
from bot.public_notices.board import NoticeBoard

PATH = "/desk/guardadas"


class CannedPage:
    """The handlers of the page of canned replies, its form, and the JSON list."""

    def __init__(
        self, *, guard: Guard, pages: DeskPages, canned: CannedReplies, agency: Agency, board: NoticeBoard
    ) -> None:
        self._guard = guard
        self._pages = pages
        self._canned = canned
        self._agency = agency
        self._board = board

    def add_to(self, router: APIRouter) -> None:
        self._pages.serve(router, "GET", PATH, self.show)
        self._pages.serve(router, "POST", PATH, self.change)
        router.add_api_route("/desk/api/canned", self.list, methods=["GET"])

    async def show(self, request: Request) -> HTMLResponse:
        return await self._page(await self._guard.page(request, Permission.CANNED))

    async def change(self, request: Request) -> Response:
        """Saves a canned reply; if the form has ``borrar``, asks for confirmation and deletes the reply."""
        signed_in, form = await self._pages.posted(request, Permission.CANNED)
        if "borrar" in form and not is_sure(form):
            shortcut = str(form.get("atajo", "")).removeprefix("/")
            return self._pages.ask(request, signed_in, form, here=PATH, key="guardada", atajo=shortcut)
        try:
            await self._change(form, signed_in.staff.id)
        except Refused as refused:
            return await self._page(signed_in, error=refused.message)
        return RedirectResponse(PATH, 303)

    async def list(self, request: Request, response: Response) -> dict[str, Any]:
        """Returns ``{canned: [{shortcut, text, team}]}`` of all teams, since agents also answer for other teams.

        A canned reply of a running notice replaces the agency's reply with the same shortcut.
        """
        await self._guard.reading(request)
        response.headers.update(NO_STORE)
        of_notices = self._board.effects.canned
        own = [one for one in await self._canned.all() if one.shortcut not in of_notices]
        found = [*(Canned(shortcut, "", text) for shortcut, text in of_notices.items()), *own]
        return {"canned": [{"shortcut": one.shortcut, "text": one.text, "team": one.team} for one in found]}

    async def _change(self, form: Any, by: UUID) -> None:
        id = number(form, "id")
        shortcut, team, text = (str(form.get(name, "")) for name in ("atajo", "equipo", "texto"))
        if "borrar" in form:
            return await self._canned.drop(id, by=by)
        canned = checked(shortcut, team, text, teams=frozenset(self._agency.teams), id=id)
        await self._canned.keep(canned, by=by)

    async def _page(self, signed_in: SignedIn, error: str = "") -> HTMLResponse:
        return self._pages.sheet(
            "canned.html",
            signed_in,
            here=PATH,
            status=422 if error else 200,
            canned=await self._canned.all(),
            teams=self._agency.teams,
            of_notices=self._board.effects.canned,
            notices_page=may(signed_in.staff, Permission.NOTICES),
            error=error,
        )
