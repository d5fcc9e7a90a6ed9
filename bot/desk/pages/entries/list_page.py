"""Serves ``/desk/respuestas``: the list of entries, with search, state and use, and the form for a new entry."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response
from redis.exceptions import RedisError
from starlette.datastructures import FormData

from bot.agency.model import Agency
from bot.channels.web.answers.shown import topic_title
from bot.core.texts import area, say
from bot.desk.auth.guard import Guard
from bot.desk.auth.permissions import Permission
from bot.desk.auth.sessions import SignedIn
from bot.desk.editing.approving.review_queue import ReviewQueue
from bot.desk.editing.commits.queue import Waiting
from bot.desk.editing.editions import Editions
from bot.desk.editing.listing import SOON, EntryState, Listed, Listing, PublishedFiles, found
from bot.desk.editing.record import Editor, Origin
from bot.desk.editing.second_look import SecondLooks
from bot.desk.editing.text import EntryText
from bot.desk.pages.base import DeskPages
from bot.desk.pages.entries.expiry import next_year
from bot.desk.pages.entries.file_page import broken_files
from bot.desk.views.times import day_and_hour
from bot.faq.entries.problem import Severity
from bot.faq.entries.slug import slug, topic_words
from bot.faq.entries.writing import written
from bot.tickets.staff_notices import NoticeKind, StaffNotice, StaffNotices

PATH = "/desk/respuestas"
A_PAGE = 100
FEW = 15  # entries; an agency with fewer is only beginning
BROUGHT = re.compile(r"(borradores|publicar|revision)-(\d{1,4})-(\d{1,4})")


@dataclass(frozen=True)
class NewEntry:
    """What was typed for a new entry, and why it was refused ('' if it was not).

    ``path`` is the file that another entry has already, '' if there is none.
    """

    question: str = ""
    topic: str = ""
    refusal: str = ""
    path: str = ""


NOTHING_TYPED = NewEntry()


class EntryListPage:
    """The handlers of the list of entries and of the form for a new entry."""

    def __init__(
        self,
        *,
        guard: Guard,
        pages: DeskPages,
        listing: Listing,
        editions: Editions,
        looks: SecondLooks,
        reviews: ReviewQueue,
        faq: PublishedFiles,
        agency: Agency,
        notices: StaffNotices,
        uncommitted: Callable[[], Awaitable[Waiting | None]] | None = None,
    ) -> None:
        """Stores the services; ``uncommitted`` is None if publications are not committed to Git."""
        self._guard, self._pages, self._listing, self._editions = guard, pages, listing, editions
        self._looks, self._reviews, self._notices, self._uncommitted = looks, reviews, notices, uncommitted
        self._faq, self._agency, self._zone = faq, agency, agency.zone

    def add_to(self, router: APIRouter) -> None:
        self._pages.serve(router, "GET", PATH, self.show)
        self._pages.serve(router, "POST", PATH, self.post)

    async def show(
        self,
        request: Request,
        q: str = "",
        tema: str = "",
        estado: str = "",
        pagina: int = 1,
        traidas: str = "",  # the result of an import, see _brought
        hecho: str = "",
    ) -> Response:
        signed_in = await self._guard.page(request, Permission.ENTRIES)
        brought = _brought(traidas, four_eyes=self._agency.four_eyes)
        done = area("entradas")["hecho"].get(hecho, "")
        return await self._page(signed_in, q=q, tema=tema, estado=estado, pagina=pagina, brought=brought, done=done)

    async def _page(
        self,
        signed_in: SignedIn,
        new: NewEntry = NOTHING_TYPED,
        *,
        q: str = "",
        tema: str = "",
        estado: str = "",
        pagina: int = 1,
        brought: str = "",
        done: str = "",
    ) -> Response:
        """Renders the list; ``new`` is what was typed for a new entry that was refused, and why."""
        listed = await self._listing.all(self._agency.today())
        chosen = found(listed, q[:200], tema, estado)
        return self._pages.sheet(
            "entries.html",
            signed_in,
            here=PATH,
            status=422 if new.refusal else 200,
            e=area("entradas"),
            **_one_page(chosen, pagina),
            counts={state: sum(one.state is state for one in listed) for state in EntryState},
            **self._topics(listed),
            chosen={"q": q, "tema": tema, "estado": estado},
            broken=broken_files([one for one in self._faq.problems if one.severity is Severity.ERROR]),
            ids={one.path: one.id for one in listed},
            new=new,
            there=next((one for one in listed if one.path == new.path), None),
            offer=self._offer() if len(listed) < FEW else "",
            ready=area("empezar")["titulo"],
            proofs=area("pruebas")["ver"],
            uncommitted=await self._not_committed(),
            news=await self._news(signed_in),
            brought=brought,
            done=done,
            **await self._due(listed, signed_in),
        )

    def _offer(self) -> str:
        """Returns the line that offers ready-made entries to an agency that is only beginning."""
        words: dict[str, str] = area("empezar")["ofrecer"]
        return words[self._agency.front_page.kind_of(self._agency.name)]

    async def _waiting(self, signed_in: SignedIn) -> int:
        """Returns how many texts wait for this person's approval; 0 if four-eyes is off."""
        return await self._reviews.count_for(signed_in.staff.id) if self._agency.four_eyes else 0

    def _topics(self, listed: Sequence[Listed]) -> dict[str, Any]:
        """Returns the topics' titles by name, and the text to type for each topic in the form of a new entry."""
        titles = {name: topic_title(name, listed) for name in sorted({one.topic for one in listed})}
        return {"topics": titles, "typed": {title if slug(title) == name else name for name, title in titles.items()}}

    async def _not_committed(self) -> str:
        """Returns the line about publications that cannot be committed for now; '' if there are none."""
        found = await self._uncommitted() if self._uncommitted else None
        if found is None:
            return ""
        texts = area("repositorio")
        words = texts["aviso_una"] if found.count == 1 else texts["aviso"].format(n=found.count)
        goes_on = texts["sigue"].format(desde=day_and_hour(found.since, self._zone))
        return f"{words} {texts['motivos'][found.reason]} {goes_on}"

    async def _news(self, signed_in: SignedIn) -> list[StaffNotice]:
        """Returns the person's unread notices about entries, newest first; none if Redis is unavailable."""
        try:
            found = await self._notices.of(str(signed_in.staff.id))
        except RedisError:
            return []
        return [one for one in reversed(found) if one.kind is NoticeKind.ENTRY]

    async def _due(self, listed: Sequence[Listed], signed_in: SignedIn) -> dict[str, Any]:
        """Returns the tasks shown above the list: entries to confirm, publish or renew, and stopped publications."""
        return {
            "looks": await self._looks.waiting(),
            "expiring": _expiring(listed, self._agency.today()),
            "stopped": [one for one in listed if one.stopped],
            "approved": [one for one in listed if one.state is EntryState.APPROVED],
            "names": {one.path: one.question for one in listed},
            "several": area("borradores")["ver_revision" if self._agency.four_eyes else "ver"],
            "waiting": await self._waiting(signed_in),
            "stuck": len(await self._reviews.stuck()) if self._agency.four_eyes else 0,
            "approving": area("aprobar_varias"),
            "me": signed_in.staff.id,
            "now": datetime.now(UTC),
            "today": self._agency.today(),
            "next_year": next_year,
            "when": lambda at: day_and_hour(at, self._zone),
        }

    async def post(self, request: Request) -> Response:
        """Creates the draft of a new entry, or deletes a notice that the person has read."""
        signed_in, form = await self._pages.posted(request, Permission.ENTRIES)
        if notice := str(form.get("aviso", "")):
            await self._notices.drop(str(signed_in.staff.id), notice)
            return RedirectResponse(PATH, 303)
        return await self._create(signed_in, form)

    async def _create(self, signed_in: SignedIn, form: FormData) -> Response:
        """Creates the draft of a new entry; its id is made from the question once and never changes.

        Its source is the agency's site until an editor writes a better one.
        """
        question, typed = str(form.get("pregunta", ""))[:200].strip(), str(form.get("tema", ""))[:60]
        topic = slug(typed)
        if not slug(question) or not topic:
            return await self._page(signed_in, NewEntry(question, typed, say("entradas.nueva.sin_letras")))
        place = await self._editions.place_for(question, topic)
        fields = {
            "id": place.id,
            "pregunta": question,
            "tema": topic_words(typed),
            "equipo": self._agency.default_team,
            "fuente": self._agency.site,
            "responsable": self._agency.teams[self._agency.default_team],
            "revisado": self._agency.today().isoformat(),
        }
        by = Editor(signed_in.staff.id, signed_in.staff.name, Origin.PAGE)
        text = EntryText(written(fields, say("entradas.nueva.cuerpo")))
        if not place.twin and (made := await self._editions.create(place.path, text, by)):
            return RedirectResponse(f"{PATH}/{made}", 303)
        there = place.twin or place.path
        return await self._page(signed_in, NewEntry(question, typed, say("entradas.nueva.existe"), there))


def _one_page(chosen: Sequence[Listed], number: int) -> dict[str, Any]:
    """Returns the template's values of a page of the list; ``number`` is the page that was asked for."""
    pages = max(1, -(-len(chosen) // A_PAGE))
    page = min(max(number, 1), pages)
    shown = chosen[(page - 1) * A_PAGE : page * A_PAGE]
    return {"listed": shown, "total": len(chosen), "number": page, "last": pages}


def _expiring(listed: Sequence[Listed], today: date) -> list[Listed]:
    """Returns the published entries without errors that have expired or will within SOON, earliest expiry first."""
    found = [one for one in listed if one.expires and one.expires <= today + SOON and one.state is not EntryState.ERROR]
    return sorted(found, key=lambda one: (one.expires, one.question))


def _brought(result: str, *, four_eyes: bool) -> str:
    """Formats the result of an import, given in the URL as «end-done-left», as Spanish text; '' if there is none."""
    parts = BROUGHT.fullmatch(result)
    if not parts:
        return ""
    words, left = area("traer")["hecho"], int(parts[3])
    end = "borradores_revision" if four_eyes and parts[1] == "borradores" else parts[1]
    return " ".join([words[end].format(n=parts[2]), *([words["faltaron"].format(n=left)] if left else [])])
