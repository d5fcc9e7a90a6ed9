"""Serves ``/desk/reclamos``, where staff read complaints and change their state.

Supervisors also download the register. A complaint is visible to staff who serve its team. Views, downloads and
changes are recorded in the audit log.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import urlencode

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response, StreamingResponse

from bot.agency.model import Agency
from bot.channels.web.files import small_picture, whole_file
from bot.conversation.files import Files
from bot.conversation.readable import readable
from bot.core.texts import area, say
from bot.desk.api.files import HEADERS
from bot.desk.api.tickets import agent_of
from bot.desk.auth.audit import Action, AuditLog
from bot.desk.auth.guard import Guard, Refused
from bot.desk.auth.permissions import Permission, may
from bot.desk.auth.sessions import SignedIn
from bot.desk.pages.base import DeskPages
from bot.desk.pages.complaints.cards import PATH, ComplaintCards
from bot.desk.queries.complaints import MAX_ID, PAGE_ROWS, ComplaintChanged, ComplaintList, Listed, NewState, Wanted
from bot.handoff.complaints.numbers import number_in
from bot.handoff.complaints.photos import folder_of
from bot.record.complaint_record import ComplaintState
from bot.text.csv_lines import MARK, csv_line

FILE_PATH = f"{PATH}.csv"
MAX_REPLY_CHARACTERS = 1500
MAX_UNIT_CHARACTERS = 120


class ComplaintsPage:
    """The handlers of the list of complaints, its forms, photos and CSV file; ``files`` stores the photos."""

    def __init__(
        self,
        *,
        guard: Guard,
        pages: DeskPages,
        complaints: ComplaintList,
        files: Files,
        agency: Agency,
        audit: AuditLog,
    ) -> None:
        self._guard, self._pages, self._audit = guard, pages, audit
        self._complaints, self._files, self._agency = complaints, files, agency
        self._cards = ComplaintCards(agency)

    def add_to(self, router: APIRouter) -> None:
        self._pages.serve(router, "GET", PATH, self.show)
        self._pages.serve(router, "GET", FILE_PATH, self.file)
        self._pages.serve(router, "POST", f"{PATH}/{{complaint}}", self.change)
        self._pages.serve(router, "GET", f"{PATH}/{{complaint}}/fotos/{{photo}}", self.photo)

    async def show(self, request: Request) -> Response:
        signed_in = await self._guard.page(request, Permission.DESK)
        await self._audit.record_view(Action.COMPLAINTS_VIEWED, staff_id=signed_in.staff.id)
        return await self._list(signed_in, request)

    async def change(self, request: Request, complaint: int) -> Response:
        signed_in, form = await self._pages.posted(request, Permission.ANSWER)
        one = await self._one(signed_in, complaint)
        try:
            await self._complaints.change(complaint, self._read(form), signed_in.staff.id)
        except ComplaintChanged:
            error = say("desk.reclamos.cambiado", numero=one.row.number)
            return await self._list(signed_in, request, status=409, error=error)
        except Refused as refused:
            return await self._list(signed_in, request, status=refused.status_code, error=refused.message)
        query = urlencode({"hecho": one.row.number})
        return RedirectResponse(f"{PATH}?{query}#reclamo-{complaint}", 303)

    async def photo(self, request: Request, complaint: int, photo: int, mini: str | None = None) -> Response:
        """Returns a photo to display (a thumbnail with ``mini``), or a document as a download.

        Raises Refused if the complaint belongs to another team or the file is gone.
        """
        signed_in = await self._guard.page(request, Permission.DESK)
        one = await self._one(signed_in, complaint)
        ids = {kept.id: kept.file_id for kept in one.photos}
        found = await self._files.find(folder_of(complaint), ids.get(photo) or "")
        if found is None:
            raise Refused(404, "gone", say("desk.errores.archivo_borrado"))
        await self._audit.record_view(Action.FILE_OPENED, staff_id=signed_in.staff.id, subject=one.row.number)
        kept, content = found
        if mini is not None and kept.is_picture:
            response = await small_picture(content, HEADERS)
        else:
            response = await whole_file(kept, content, HEADERS, inline=kept.is_picture)
        if response is None:
            raise Refused(404, "gone", say("desk.errores.archivo_borrado"))
        return response

    async def file(self, request: Request) -> Response:
        signed_in = await self._guard.page(request, Permission.REGISTER)
        wanted, query = self._wanted(signed_in, request)
        await self._audit.record(Action.COMPLAINTS_DOWNLOADED, staff_id=signed_in.staff.id, **query)
        headers = {"Content-Disposition": 'attachment; filename="reclamos.csv"', "Cache-Control": "no-store"}
        return StreamingResponse(self._lines(wanted), media_type="text/csv; charset=utf-8", headers=headers)

    async def _lines(self, wanted: Wanted) -> AsyncIterator[str]:
        yield MARK + csv_line(list(area("desk")["reclamos"]["columnas"].values()))
        async for one in self._complaints.everything(wanted):
            yield csv_line(self._cards.line(one))

    async def _list(self, signed_in: SignedIn, request: Request, *, status: int = 200, error: str = "") -> Response:
        wanted, query = self._wanted(signed_in, request)
        before = request.query_params.get("antes", "")
        found = await self._complaints.page(wanted, int(before) if before.isdecimal() and len(before) < 19 else MAX_ID)
        older = urlencode(query | {"antes": found[-1].row.id}) if len(found) == PAGE_ROWS else ""
        return self._pages.sheet(
            "complaints.html",
            signed_in,
            status=status,
            here=PATH,
            cards=[self._cards.make(one) for one in found],
            blocked=await self._complaints.count_blocked(wanted.teams),
            counts=await self._complaints.count(Wanted(wanted.teams)),
            teams=self._served(signed_in),
            every_team=self._agency.teams,
            states=list(ComplaintState),
            asked=dict.fromkeys(("equipo", "estado", "numero"), "") | query,
            filtered=bool(query),
            older=older,
            file=f"{FILE_PATH}?{urlencode(query)}" if may(signed_in.staff, Permission.REGISTER) else "",
            answers=may(signed_in.staff, Permission.ANSWER),
            reply_characters=MAX_REPLY_CHARACTERS,
            unit_characters=MAX_UNIT_CHARACTERS,
            error=error,
            done=number_in(request.query_params.get("hecho", "")),
        )

    def _served(self, signed_in: SignedIn) -> dict[str, str]:
        return {key: name for key, name in self._agency.teams.items() if agent_of(signed_in).serves(key)}

    def _wanted(self, signed_in: SignedIn, request: Request) -> tuple[Wanted, dict[str, Any]]:
        """Parses the filter; returns it as a query for complaints and as query parameters for links."""
        asked, served = request.query_params, self._served(signed_in)
        team, state = asked.get("equipo", ""), asked.get("estado", "")
        number = asked.get("numero", "").strip()
        query = {
            "equipo": team if team in served else "",
            "estado": state if state in set(ComplaintState) else "",
            "numero": (number_in(number) or "-") if number else "",
        }
        teams = (team,) if query["equipo"] else agent_of(signed_in).teams
        return Wanted(teams, query["estado"], query["numero"]), {name: one for name, one in query.items() if one}

    def _read(self, form: Any) -> NewState:
        """Parses the form of a change of state. Raises Refused if a field is missing or invalid."""
        state, seen = str(form.get("estado", "")), str(form.get("visto", ""))
        unit = readable(str(form.get("unidad", ""))).strip()[:MAX_UNIT_CHARACTERS]
        reply = readable(str(form.get("respuesta", "")).replace("\r\n", "\n")).strip()
        if state not in set(ComplaintState):
            raise Refused(422, "state", say("desk.reclamos.falta_estado"))
        if state == ComplaintState.REFERRED and not unit:
            raise Refused(422, "unit", say("desk.reclamos.falta_unidad"))
        if len(reply) > MAX_REPLY_CHARACTERS:
            raise Refused(422, "reply", say("desk.reclamos.respuesta_larga", maximo=MAX_REPLY_CHARACTERS))
        unit = unit if state == ComplaintState.REFERRED else ""
        team = next((key for key, name in self._agency.teams.items() if name.casefold() == unit.casefold()), "")
        known = int(seen) if seen.isdecimal() and len(seen) < 19 else 0
        return NewState(ComplaintState(state), unit, reply, team, known)

    async def _one(self, signed_in: SignedIn, complaint: int) -> Listed:
        """Returns the complaint; raises Refused (404) if it does not exist or belongs to another team."""
        one = await self._complaints.get(complaint)
        if one is None or not agent_of(signed_in).serves(one.row.team):
            raise Refused(404, "gone", say("desk.reclamos.ajeno"))
        return one
