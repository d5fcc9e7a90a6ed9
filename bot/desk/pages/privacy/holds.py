"""Serves ``/desk/datos/retenciones``: the legal holds, with their reasons and the days on which each is reviewed."""

from __future__ import annotations

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response

from bot.agency.model import Agency
from bot.conversation.readable import readable
from bot.core.errors.base import PermanentError
from bot.core.texts import area, say
from bot.desk.auth.audit import Action, AuditLog
from bot.desk.auth.guard import Guard
from bot.desk.auth.permissions import Permission
from bot.desk.auth.sessions import SignedIn
from bot.desk.pages.base import DeskPages, is_sure
from bot.desk.pages.form_fields import day as day_of
from bot.desk.views.nickname import nickname_of
from bot.privacy.personal_data import PersonalData

PATH = "/desk/datos/retenciones"
HERE = "/desk/datos"
MIN_REASON, MAX_REASON = 20, 500


class HoldsPage:
    """The list of holds, and the forms to place and lift a hold."""

    def __init__(self, *, guard: Guard, pages: DeskPages, data: PersonalData, agency: Agency, audit: AuditLog) -> None:
        self._guard, self._pages, self._data, self._audit, self._agency = guard, pages, data, audit, agency

    def add_to(self, router: APIRouter) -> None:
        self._pages.serve(router, "GET", PATH, self.show)
        self._pages.serve(router, "POST", PATH, self.place)
        self._pages.serve(router, "POST", f"{PATH}/termino", self.lift)

    async def show(self, request: Request) -> Response:
        signed_in = await self._guard.page(request, Permission.PRIVACY)
        await self._audit.record_view(Action.PRIVACY_VIEWED, staff_id=signed_in.staff.id)
        return await self._list(signed_in, done=request.query_params.get("hecho", ""))

    async def place(self, request: Request) -> Response:
        """Places a legal hold on a conversation, posted as its id or as the number of its ticket or complaint.

        Requires a reason and a future day of review.
        """
        signed_in, form = await self._pages.posted(request, Permission.PRIVACY, fresh=True)
        reason = readable(str(form.get("razon", ""))).strip()[:MAX_REASON]
        day = day_of(str(form.get("revisar", "")))
        if len(reason) < MIN_REASON or day is None or day <= self._agency.today():
            return await self._list(signed_in, status=422, error=say("datos.retencion.falta", minimo=MIN_REASON))
        try:
            name = await self._data.find(str(form.get("numero", "")).strip())
            await self._data.holds.place(name, reason, day, by=signed_in.staff.id, who=signed_in.staff.name)
        except PermanentError as error:
            return await self._list(signed_in, status=409, error=say(error.text_key))
        return RedirectResponse(f"{PATH}?hecho=puesta", 303)

    async def lift(self, request: Request) -> Response:
        signed_in, form = await self._pages.posted(request, Permission.PRIVACY, fresh=True, back=PATH)
        name = str(form.get("conversacion", ""))
        if not is_sure(form):
            return self._pages.ask(request, signed_in, form, here=HERE, key="retencion", quien=nickname_of(name))
        await self._data.holds.lift(name, by=signed_in.staff.id)
        return RedirectResponse(f"{PATH}?hecho=terminada", 303)

    async def _list(self, signed_in: SignedIn, *, status: int = 200, error: str = "", done: str = "") -> Response:
        return self._pages.sheet(
            "holds.html",
            signed_in,
            here=HERE,
            status=status,
            holds=await self._data.holds.all(),
            today=self._agency.today(),
            nickname=nickname_of,
            error=error,
            done=area("datos")["retencion"]["hecho"].get(done, ""),
            least=MIN_REASON,
            most=MAX_REASON,
        )
