"""Serves ``/desk/respuestas/<id>``: one entry, its form, its changes, its history, and what can be done with it."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Mapping
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response

from bot.agency.model import Agency
from bot.agency.segments import titles_of
from bot.core.channels import name_of
from bot.core.errors import VentanillaError
from bot.core.messages import Channel
from bot.core.texts import area, say
from bot.desk.auth.guard import Guard, Refused
from bot.desk.auth.permissions import Permission
from bot.desk.auth.sessions import SignedIn
from bot.desk.editing.editions import Editions, Opened, Outdated, OwnText
from bot.desk.editing.form import Form, NotAForm, form_of, path_for, with_form
from bot.desk.editing.publisher import ChangedOnDisk, NeedsApproval, NothingToPublish, PublishedMeanwhile, Publisher
from bot.desk.editing.record import Editor, Origin, State
from bot.desk.editing.text import EntryText
from bot.desk.pages.base import DeskPages
from bot.desk.pages.entries import view
from bot.desk.pages.entries.list_page import PATH
from bot.desk.pages.entries.merge_page import MergePage, packed
from bot.desk.pages.entries.posted import Writer, moment, number, posted
from bot.desk.pages.facts import facts_json
from bot.faq.entries.audience import CHANNEL
from bot.faq.entries.folder import load_files, read_files
from bot.faq.entries.problem import Problem, Severity
from bot.faq.entries.schema import display_fields
from bot.learning.proposals import Proposals

MAX_BODY_BYTES = 256 * 1024


class NoDate(VentanillaError):
    """A change was to be scheduled without a valid date."""


SAVES = {"guardar", "enviar", "programar", "publicar"}
FAILED: dict[type[Exception], str] = {
    NoDate: "sin_fecha",
    NeedsApproval: "falta_aprobacion",
    PublishedMeanwhile: "publicada_entretanto",
    ChangedOnDisk: "cambio_en_disco",
    NothingToPublish: "nada_que_publicar",
    OwnText: "es_tuya",
    NotAForm: "no_se_lee",
}


class EntryPage:
    """The page of one entry."""

    def __init__(
        self,
        *,
        guard: Guard,
        pages: DeskPages,
        editions: Editions,
        publisher: Publisher,
        proposals: Proposals,
        agency: Agency,
        faq_dir: Path,
        site: str,
    ) -> None:
        self._guard, self._pages, self._editions, self._publisher = guard, pages, editions, publisher
        self._agency, self._faq_dir, self._site = agency, faq_dir, site
        self._proposals, self._merging = proposals, MergePage(pages, editions)
        self._zone = ZoneInfo(agency.timezone)

    def add_to(self, router: APIRouter) -> None:
        self._pages.serve(router, "GET", PATH + "/{id}", self.show)
        self._pages.serve(router, "POST", PATH + "/{id}", self.act)

    async def show(self, request: Request, id: str, hecho: str = "") -> Response:
        signed_in = await self._guard.page(request, Permission.ENTRIES)
        return await self._page(signed_in, await self.opened(id), done=hecho)

    async def act(self, request: Request, id: str) -> Response:
        """Does what the pressed button says; what the form holds is saved first."""
        signed_in, form = await self._pages.posted(request, Permission.ENTRIES)
        opened, what = await self.opened(id), str(form.get("que", ""))
        writer = Writer(signed_in.staff.name, self.today())
        try:
            if what == "juntar":
                return await self._merging.join(signed_in, opened, form, editor_of(signed_in), writer)
            if what == "comparar":
                return self._merging.compare(signed_in, opened, form, writer)
            if what in SAVES:
                await self.save(opened, form, signed_in)
                opened = await self.opened(id)
            done = await self._act(what, opened, form, signed_in)
        except Outdated as outdated:
            if what in SAVES:
                return self._merging.compare(signed_in, await self.opened(id), form, writer)
            return await self._page(signed_in, await self.opened(id), error=self.outdated(outdated))
        except tuple(FAILED) as error:
            return await self._page(
                signed_in, await self.opened(id), error=say(f"entradas.errores.{FAILED[type(error)]}")
            )
        if isinstance(done, list):
            return await self._page(signed_in, await self.opened(id), wrong=done)
        return RedirectResponse(f"{PATH}/{id}?hecho={done}", 303)

    async def _act(self, what: str, opened: Opened, form: Any, signed_in: SignedIn) -> str | list[Problem]:
        """Returns the key of what was done, or the errors because of which it was not."""
        id, by = opened.document.id, editor_of(signed_in)
        match what:
            case "enviar" | "programar" | "publicar" | "aprobar":
                return await self._forward(what, opened, form, by)
            case "descartar":
                await self._editions.discard(id, by)
            case "volver":
                await self._editions.restore(id, number(form, "revision"), by)
            case "seguir":
                await self._editions.rebase(id)
            case "comentar":
                if words := str(form.get("comentario", "")).strip()[:2000]:
                    await self._editions.comment(id, opened.text.hash, words, by)
        return what

    async def _forward(self, what: str, opened: Opened, form: Any, by: Editor) -> str | list[Problem]:
        """Sends, schedules, approves or publishes the edition, unless the text has errors."""
        id, text = opened.document.id, opened.text
        path = path_for(opened.document.path, text)
        if wrong := await asyncio.to_thread(self._errors, text, path, opened.document.path):
            return wrong
        at = moment(form, "cuando", self._zone) if what == "programar" else None
        if what == "programar" and at is None:
            raise NoDate
        if what in {"enviar", "programar"}:
            state = State.SCHEDULED if at and not self._agency.four_eyes else State.REVIEW
            await self._editions.send(id, state, by, at)
            return what
        if what == "aprobar" and not await self._editions.approve(id, str(form.get("hash", "")), by):
            return "aprobar"
        await self._publisher.publish(id, path, by)
        return "publicar"

    def _errors(self, text: EntryText, path: str, old: str) -> list[Problem]:
        """Returns the errors of a text among all other files; it takes the place of the file ``old``."""
        others = {name: content for name, content in read_files(self._faq_dir).items() if name not in text.files(old)}
        mine = {name: content for name, content in text.files(path).items() if content}
        problems = load_files(others | mine, self._agency.teams).problems
        return [one for one in problems if one.severity is Severity.ERROR and one.file in text.files(path)]

    async def opened(self, id: str) -> Opened:
        """Returns the entry with this id. Raises Refused."""
        try:
            found = await self._editions.opened(uuid.UUID(id))
        except ValueError:
            found = None
        if found is None:
            raise Refused(404, "no_entry", say("entradas.errores.no_existe"))
        return found

    async def save(self, opened: Opened, form: Any, signed_in: SignedIn) -> tuple[int, EntryText]:
        """Saves the posted form as the draft; returns its version and text. Raises Outdated, NotAForm."""
        writer = Writer(signed_in.staff.name, self.today())
        text = with_form(opened.text, posted(form, form_of(opened.text), writer))
        version = await self._editions.save(opened.document.id, text, number(form, "version"), editor_of(signed_in))
        return version, text

    def outdated(self, error: Outdated) -> str:
        return say("entradas.errores.otra_persona", quien=error.by or say("entradas.origen.disk"))

    def checked(self, opened: Opened, text: EntryText) -> view.Checked:
        try:
            path = path_for(opened.document.path, text)
        except NotAForm:
            path = opened.document.path
        return view.checked(text, path, self._agency, self._site)

    def today(self) -> date:
        return datetime.now(UTC).astimezone(self._zone).date()

    def state(self, opened: Opened) -> str:
        return view.state_words(opened, self._zone)

    async def _page(
        self,
        signed_in: SignedIn,
        opened: Opened,
        *,
        done: str = "",
        error: str = "",
        wrong: list[Problem] | None = None,
    ) -> Response:
        words, found, form = area("entradas"), self.checked(opened, opened.text), view.readable_form(opened.text)
        proposed = await self._proposals.of_entry(form.fields["id"]) if form else []
        return self._pages.sheet(
            "entry_edit.html",
            signed_in,
            status=422 if error or wrong else 200,
            here=PATH,
            e=words,
            opened=opened,
            form=form,
            proposed=proposed,
            accepted={one.text for one in form.phrases} if form else (),
            state=self.state(opened),
            done=words["hecho"].get(done, ""),
            today=self.today().isoformat(),
            error=error,
            problems=wrong or found.problems,
            **self._seen(opened),
            previews=view.preview(found),
            history=view.history(opened, self._zone),
            may_approve=self._agency.four_eyes and view.may_approve(opened, signed_in.staff),
            four_eyes=self._agency.four_eyes,
            teams=self._agency.teams,
            audiences=self._audiences(form),
            display=display_fields(),
            label_of=view.label_of,
            titled=self._titled,
            when=lambda at: view.when(at, self._zone),
            facts=facts_json(signed_in, self._agency),
        )

    def _seen(self, opened: Opened) -> dict[str, Any]:
        """Returns what the page shows of the draft's text: the text to compare with, advice, and what it changes."""
        text = opened.text
        return {"base": packed(text), "clarity": view.clarity(text, self.today()), "diff": view.diff_of(opened, text)}

    def _audiences(self, form: Form | None) -> Mapping[str, tuple[str, ...]]:
        """Returns the values that can be chosen for each dimension: those of the agency, and those of the entry."""
        known = {name: tuple(segment.options) for name, segment in self._agency.segments.items()}
        known = {"comuna": (self._agency.comuna,), CHANNEL: tuple(one.value for one in Channel)} | known
        given = form.audience if form else {}
        return {name: tuple(dict.fromkeys((*known.get(name, ()), *given.get(name, ())))) for name in {**known, **given}}

    def _titled(self, dimension: str, value: str) -> str:
        if dimension == CHANNEL and value in set(Channel):
            return name_of(Channel(value))
        return titles_of(self._agency.segments, {dimension: (value,)})


def editor_of(signed_in: SignedIn) -> Editor:
    return Editor(signed_in.staff.id, signed_in.staff.name, Origin.PAGE)
