"""Serves ``/desk/faltantes``, where editors see questions that the FAQ does not answer, each with a draft entry."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response

from bot.agency.model import Agency
from bot.core.texts import say
from bot.desk.auth.audit import Action, AuditLog
from bot.desk.auth.guard import Guard
from bot.desk.auth.permissions import Permission
from bot.desk.pages.base import DeskPages
from bot.desk.queries.answer_ratings import AnswerRatings
from bot.desk.queries.closings import Closings, Missing
from bot.faq.entries.slug import slug
from bot.faq.entries.writing import Value, written
from bot.handoff.notices import team_name

PATH = "/desk/faltantes"


@dataclass(frozen=True)
class Shown:
    """A missing entry as the page shows it: ``file`` is the text of a draft entry, ``name`` its suggested file name."""

    id: int
    at: str
    staff_name: str
    team: str
    question: str
    name: str
    file: str


class MissingPage:
    """The handlers of the list of missing entries and of its form."""

    def __init__(
        self,
        *,
        guard: Guard,
        pages: DeskPages,
        closings: Closings,
        answer_ratings: AnswerRatings,
        audit: AuditLog,
        agency: Agency,
    ) -> None:
        self._guard = guard
        self._pages = pages
        self._closings = closings
        self._answer_ratings = answer_ratings
        self._audit = audit
        self._agency = agency
        self._zone = ZoneInfo(agency.timezone)

    def add_to(self, router: APIRouter) -> None:
        self._pages.serve(router, "GET", PATH, self.show)
        self._pages.serve(router, "POST", PATH, self.settle)

    async def show(self, request: Request) -> Response:
        signed_in = await self._guard.page(request, Permission.ENTRIES)
        await self._audit.record(Action.MISSING_VIEWED, staff_id=signed_in.staff.id)
        shown = [self._shown(one) for one in await self._closings.missing()]
        rated = await self._answer_ratings.by_entry()
        return self._pages.sheet("missing.html", signed_in, here=PATH, missing=shown, answer_ratings=rated)

    async def settle(self, request: Request) -> Response:
        signed_in, form = await self._pages.posted(request, Permission.ENTRIES)
        number = str(form.get("id", ""))
        if number.isdecimal() and len(number) < 16:
            await self._closings.settled(int(number), by=signed_in.staff.id)
        return RedirectResponse(PATH, 303)

    def _shown(self, one: Missing) -> Shown:
        at = one.at.astimezone(self._zone).strftime("%d-%m-%Y %H:%M")
        name, team = slug(one.question), team_name(self._agency, one.team)
        fields: dict[str, Value] = {
            "id": name,
            "pregunta": one.question,
            "variantes": [say("mesa.faltantes.variante")],
            "tema": one.team or self._agency.default_team,
            "equipo": one.team or self._agency.default_team,
            "fuente": "https://",
            "responsable": team,
            "revisado": datetime.now(UTC).astimezone(self._zone).date().isoformat(),
        }
        draft = one.draft or say("mesa.faltantes.sin_borrador")
        return Shown(one.id, at, one.staff_name, team, one.question, f"{name}.md", written(fields, draft))
