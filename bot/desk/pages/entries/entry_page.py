"""Serves ``/desk/respuestas/<id>``: the page of one entry, with its form, changes, history and actions."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response
from starlette.datastructures import FormData

from bot.agency.model import Agency
from bot.agency.segments import titles_of
from bot.core.channels import name_of
from bot.core.messages import Channel
from bot.core.texts import area, say
from bot.desk.auth.guard import Guard, Refused
from bot.desk.auth.permissions import Permission, may
from bot.desk.auth.sessions import SignedIn
from bot.desk.editing.editions import Outdated
from bot.desk.editing.form import Form, NotAForm, path_for
from bot.desk.editing.links import PATH as LINKS
from bot.desk.editing.marking.marks import Marked, UtteranceMarks
from bot.desk.editing.marking.unsaid import unsaid
from bot.desk.editing.measuring.gate import MAX_REASON
from bot.desk.editing.minor import is_minor
from bot.desk.editing.opened import Opened, Seen
from bot.desk.editing.text import EntryText
from bot.desk.pages.base import DeskPages
from bot.desk.pages.entries import expiry, view
from bot.desk.pages.entries.acting import (
    Done,
    EntryActs,
    EntryServices,
    Linked,
    Stopped,
    editor_of,
)
from bot.desk.pages.entries.failures import FAILED, in_form, message_of
from bot.desk.pages.entries.list_page import PATH
from bot.desk.pages.entries.merge_page import MergePage, packed
from bot.desk.pages.entries.posted import Writer, posted_text, words_in
from bot.desk.pages.facts import facts_json
from bot.desk.pages.form_fields import number
from bot.desk.views.times import day_and_hour
from bot.faq.entries.audience import CHANNEL
from bot.faq.entries.problem import Problem
from bot.faq.entries.schema import display_fields
from bot.learning.proposals import Proposals
from bot.public_notices.board import NoticeBoard

MAX_BODY_BYTES = 256 * 1024
REASONS = ("motivo_retiro", "motivo_devolver", "motivo_urgente")  # reasons that a refused button must not lose
NO_REASONS = dict.fromkeys(REASONS, "")
KEPT_EVERY = timedelta(minutes=1)  # how often the text of a page that may not save is kept in the history
SAVES = {"guardar", "enviar", "programar", "publicar", "corregir", "urgente"}


class EntryPage:
    """The handlers of the page of one entry."""

    def __init__(
        self,
        *,
        guard: Guard,
        pages: DeskPages,
        work: EntryServices,
        proposals: Proposals,
        marks: UtteranceMarks,
        agency: Agency,
        board: NoticeBoard,
        faq_dir: Path,
        site: str,
    ) -> None:
        self._guard, self._pages, self._work, self._proposals = guard, pages, work, proposals
        self._board, self._marks = board, marks
        self._agency, self._site = agency, site
        self._editions, self._acts = work.editions, EntryActs(work, agency, faq_dir)
        self._merging = MergePage(pages, work.editions)
        self._zone = agency.zone

    def add_to(self, router: APIRouter) -> None:
        self._pages.serve(router, "GET", PATH + "/{id}", self.show)
        self._pages.serve(router, "POST", PATH + "/{id}", self.act)

    async def show(self, request: Request, id: str, hecho: str = "") -> Response:
        signed_in = await self._guard.page(request, Permission.ENTRIES)
        return await self._page(signed_in, await self.opened(id), done=hecho)

    async def act(self, request: Request, id: str) -> Response:
        """Carries out the action of the pressed button, after saving the form if that is required."""
        signed_in, form = await self._pages.posted(request, Permission.ENTRIES)
        opened, what = await self.opened(id), str(form.get("que", ""))
        writer = Writer(signed_in.staff.name, self._acts.today())
        if what == "comparar":
            return await self._merging.compare(signed_in, opened, form, editor_of(signed_in), writer)
        try:
            if what == "juntar":
                return await self._merging.join(signed_in, opened, form, editor_of(signed_in), writer)
            if what in SAVES:
                _, saved = await self.save(opened, form, signed_in)
                opened = await self.opened(id)
                if opened.text != saved:
                    raise Outdated(opened.edition.changed_by if opened.edition else "")
            done = await self._acts.act(what, opened, form, signed_in)
        except Outdated as outdated:
            if what in SAVES:
                return await self._merging.compare(signed_in, await self.opened(id), form, editor_of(signed_in), writer)
            return await self._page(signed_in, await self.opened(id), error=self.outdated(outdated))
        except tuple(FAILED) as error:
            reasons = {name: words_in(form, name, MAX_REASON) for name in REASONS}
            return await self._page(signed_in, await self.opened(id), error=message_of(error), reasons=reasons)
        return await self._done(request, signed_in, id, form, done)

    async def _done(self, request: Request, signed_in: SignedIn, id: str, form: FormData, done: Done) -> Response:
        """Shows the result of a button: the page with problems or a link, the page of effects, or a redirect."""
        if isinstance(done, list):
            return await self._page(signed_in, await self.opened(id), wrong=done, error=say("entradas.errores.falta"))
        if isinstance(done, Linked):
            shown = {"unit": done.unit, "address": self._guard.own(request, f"{LINKS}/{done.token}")}
            return await self._page(signed_in, await self.opened(id), linked=shown)
        if isinstance(done, Stopped):
            return RedirectResponse(
                f"{PATH}/{id}/efecto?para={done.what}&cuando={quote(str(form.get('cuando', '')))}", 303
            )
        back = PATH if form.get("volver_a") == "lista" else f"{PATH}/{id}"
        return RedirectResponse(f"{back}?hecho={done}", 303)

    async def opened(self, id: str) -> Opened:
        """Returns the entry with this id. Raises Refused (404) if there is none."""
        try:
            found = await self._editions.opened(uuid.UUID(id))
        except ValueError:
            found = None
        if found is None:
            raise Refused(404, "no_entry", say("entradas.errores.no_existe"))
        return found

    async def save(self, opened: Opened, form: Any, signed_in: SignedIn) -> tuple[int, EntryText]:
        """Saves the posted form as the draft; returns its version and text. Raises Outdated, NotAForm."""
        text = self._posted(opened, form, signed_in)
        seen = Seen(words_in(form, "publicada", 64), number(form, "disco_visto")) if "publicada" in form else None
        by, version = editor_of(signed_in), number(form, "version")
        version = await self._editions.save(opened.document.id, text, version, by, seen)
        return version, text

    async def keep(self, opened: Opened, form: Any, signed_in: SignedIn) -> None:
        """Keeps a form that ``save`` refused in the history, at most one every KEPT_EVERY. Raises NotAForm."""
        text = self._posted(opened, form, signed_in)
        await self._editions.keep(opened.document.id, text, editor_of(signed_in), KEPT_EVERY)

    def _posted(self, opened: Opened, form: Any, signed_in: SignedIn) -> EntryText:
        return posted_text(form, opened.text, Writer(signed_in.staff.name, self._acts.today()))

    def outdated(self, error: Outdated) -> str:
        return say("entradas.errores.otra_persona", quien=error.by or say("entradas.origen.disk"))

    def checked(self, opened: Opened, text: EntryText) -> view.Checked:
        try:
            path = path_for(opened.document.path, text)
        except NotAForm:
            path = opened.document.path
        return view.checked(text, path, self._agency, self._site, as_sent=True)

    def question(self, opened: Opened) -> str:
        """Returns the question of an entry; its path if it has none or the header of the file cannot be parsed."""
        form = view.readable_form(opened.text)
        return (form and form.fields["pregunta"]) or opened.document.path

    def covered(self, opened: Opened) -> str:
        """Returns a Spanish text if a running notice replaces, withdraws or changes the entry's answer; else ''."""
        return view.covered(self._board, opened.text, opened.document.path, self._zone)

    def is_minor(self, opened: Opened, text: EntryText) -> bool:
        """Returns whether the text is a minor correction, which needs no approval; False if four-eyes is off."""
        published = opened.published
        return self._agency.four_eyes and published is not None and is_minor(published, text)

    def today(self) -> date:
        return self._acts.today()

    def state(self, opened: Opened) -> str:
        return expiry.state_words(opened, self._zone, self.today())

    async def _page(
        self,
        signed_in: SignedIn,
        opened: Opened,
        *,
        done: str = "",
        error: str = "",
        wrong: list[Problem] | None = None,
        linked: dict[str, str] | None = None,
        reasons: Mapping[str, str] = NO_REASONS,
    ) -> Response:
        words, found, form = area("entradas"), self.checked(opened, opened.text), expiry.to_edit(opened)
        return self._pages.sheet(
            "entry_edit.html",
            signed_in,
            status=422 if error or wrong else 200,
            here=PATH,
            e=words,
            opened=opened,
            **await self._proposed(form),  # proposed, accepted, denied, denies, marks, kinds
            state=self.state(opened),
            done=expiry.done_words(done, opened, self.today()),
            today=self._acts.today().isoformat(),
            linked=linked,
            form=form,
            **await self._ways(opened, form, signed_in),  # broken, next_year, minor, looks, links, now, may_...
            **self._choices(form),  # teams, audiences, display, label_of, titled
            error=error,
            problems=in_form(wrong or expiry.still_true(opened, found.problems)),
            reasons=reasons,
            **self._seen(opened),  # base, diff, clarity, outline, and those of view.meanwhile
            previews=view.preview(found),
            covered=self.covered(opened),
            history=view.history(opened, self._zone),
            local=lambda at: at.astimezone(self._zone).strftime("%Y-%m-%dT%H:%M"),
            four_eyes=self._agency.four_eyes,
            when=lambda at: day_and_hour(at, self._zone),
            facts=facts_json(signed_in, self._agency),
            keep=area("pruebas")["guardar_este"],
        )

    async def _proposed(self, form: Form | None) -> dict[str, Any]:
        """Returns the template's values about proposed and existing utterances and counterexamples."""
        if form is None:
            return {}
        id, marked = form.fields["id"], await self._marks.of(form)
        return {
            "proposed": await self._proposals.of_entry(id),
            "accepted": {one.text for one in form.phrases},
            "denied": await self._proposals.denied_of(id),
            "denies": {one.text for one in form.counterexamples},
            "unsaid": unsaid(form),
            "marks": marked.marks,
            "kinds": marked.kinds,
        }

    async def marked(self, before: EntryText, after: EntryText) -> Marked | None:
        """Returns the marks and the kinds of the utterances; None if the change touches none."""
        then, now = view.readable_form(before), view.readable_form(after)
        if now is None or (then and view.asked(then) == view.asked(now)):
            return None
        return await self._marks.of(now)

    def _choices(self, form: Form | None) -> dict[str, Any]:
        """Returns the template's values about the form's fields: their options and their Spanish names."""
        return {
            "teams": self._agency.teams,
            "audiences": self._audiences(form),
            "display": display_fields(),
            "label_of": view.label_of,
            "titled": self._titled,
        }

    async def _ways(self, opened: Opened, form: Form | None, signed_in: SignedIn) -> dict[str, Any]:
        """Returns the template's values about publishing without approval, the later check, and the unit's links.

        ``broken`` is true if the file on the disk has errors and the entry has no open edition.
        """
        path, four_eyes = opened.document.path, self._agency.four_eyes
        return {
            "broken": opened.edition is None and await asyncio.to_thread(self._acts.is_broken, path),
            "next_year": expiry.next_year(expiry.expires_of(form), self._acts.today()),
            "minor": self.is_minor(opened, opened.text),
            "looks": await self._work.looks.waiting(opened.document.id),
            "links": await self._work.links.of(opened.document.id),
            "now": datetime.now(UTC),
            "may_urge": may(signed_in.staff, Permission.URGENT),
            "may_approve": four_eyes and view.may_approve(opened, signed_in.staff),
            "may_return": four_eyes and view.may_return(opened, signed_in.staff),
        }

    def _seen(self, opened: Opened) -> dict[str, Any]:
        """Returns the template's values about the draft's text: ``packed``, its changes, clarity and parts."""
        text = opened.text
        changed = {"base": packed(text), "diff": view.diff_of(opened, text), **view.meanwhile(opened)}
        return {**changed, "clarity": view.clarity(text, self.today()), "outline": view.outline(text)}

    def _audiences(self, form: Form | None) -> Mapping[str, tuple[str, ...]]:
        """Returns the values to choose from for each dimension: those of the agency, and those in the entry's form."""
        known = {name: tuple(segment.options) for name, segment in self._agency.segments.items()}
        own = {"comuna": (self._agency.comuna,)} if self._agency.comuna else {}
        known = own | {CHANNEL: tuple(one.value for one in Channel)} | known
        given = form.audience if form else {}
        return {name: tuple(dict.fromkeys((*known.get(name, ()), *given.get(name, ())))) for name in {**known, **given}}

    def _titled(self, dimension: str, value: str) -> str:
        if dimension == CHANNEL and value in set(Channel):
            return name_of(Channel(value))
        return titles_of(self._agency.segments, {dimension: (value,)})
