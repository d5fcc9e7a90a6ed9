"""Serves ``/desk/faltantes``, where editors see questions that the FAQ does not answer, and begin entries from them."""

from __future__ import annotations

from uuid import UUID

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response

from bot.agency.model import Agency
from bot.core.texts import say
from bot.desk.auth.audit import Action, AuditLog
from bot.desk.auth.guard import Guard
from bot.desk.auth.permissions import Permission
from bot.desk.auth.sessions import SignedIn
from bot.desk.editing.editions import Editions
from bot.desk.editing.record import Editor, Origin
from bot.desk.editing.text import EntryText
from bot.desk.pages.base import DeskPages
from bot.desk.pages.entries.list_page import PATH as LIST
from bot.desk.pages.form_fields import number
from bot.desk.queries.answer_ratings import AnswerRatings
from bot.desk.queries.closings import Closings, Missing
from bot.desk.views.times import day_and_hour
from bot.faq.entries.slug import slug, topic_words
from bot.faq.entries.writing import Value, written
from bot.handoff.notices import team_name

PATH = "/desk/faltantes"


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
        editions: Editions,
        agency: Agency,
    ) -> None:
        self._guard, self._editions = guard, editions
        self._pages = pages
        self._closings = closings
        self._answer_ratings = answer_ratings
        self._audit = audit
        self._agency = agency
        self._zone = agency.zone

    def add_to(self, router: APIRouter) -> None:
        self._pages.serve(router, "GET", PATH, self.show)
        self._pages.serve(router, "POST", PATH, self.settle)

    async def show(self, request: Request) -> Response:
        signed_in = await self._guard.page(request, Permission.ENTRIES)
        await self._audit.record(Action.MISSING_VIEWED, staff_id=signed_in.staff.id)
        return await self._page(signed_in)

    async def settle(self, request: Request) -> Response:
        """Deletes a question from the list; with ``borrador``, first begins the draft of an entry with the question.

        The draft has the agent's reply as its answer; the response redirects to the draft's page.
        """
        signed_in, form = await self._pages.posted(request, Permission.ENTRIES)
        id = number(form, "id")
        one = next((one for one in await self._closings.missing() if one.id == id), None)
        if one is None:
            return RedirectResponse(PATH, 303)
        target = PATH
        if form.get("que") == "borrador":
            made = await self._begin(one, Editor(signed_in.staff.id, signed_in.staff.name, Origin.PAGE))
            if made is None:
                return await self._page(signed_in, error=say("entradas.nueva.existe"))
            target = f"{LIST}/{made}"
        await self._closings.settled(id, by=signed_in.staff.id)
        return RedirectResponse(target, 303)

    async def _begin(self, one: Missing, by: Editor) -> UUID | None:
        """Creates the draft of a new entry; None if an entry has this question, or if the question has no letters."""
        if not slug(one.question):
            return None
        team = one.team if one.team in self._agency.teams else self._agency.default_team
        place = await self._editions.place_for(one.question, slug(team))
        if place.twin:
            return None
        fields: dict[str, Value] = {
            "id": place.id,
            "pregunta": one.question,
            "variantes": [one.question],
            "tema": topic_words(team),
            "equipo": team,
            "fuente": self._agency.site,
            "responsable": self._agency.teams[team],
            "revisado": self._agency.today().isoformat(),
        }
        text = EntryText(written(fields, one.draft or say("entradas.nueva.cuerpo")))
        return await self._editions.create(place.path, text, by)

    async def _page(self, signed_in: SignedIn, error: str = "") -> Response:
        return self._pages.sheet(
            "missing.html",
            signed_in,
            here=PATH,
            status=422 if error else 200,
            missing=await self._closings.missing(),
            answer_ratings=await self._answer_ratings.by_entry(),
            team=lambda key: team_name(self._agency, key),
            when=lambda at: day_and_hour(at, self._zone),
            error=error,
        )
