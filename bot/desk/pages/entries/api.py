"""Serves the requests of an entry's page while a person edits: autosave, pasting, trying a message, other editors."""

from __future__ import annotations

import asyncio
import uuid
from typing import Any

import httpx
from fastapi import APIRouter, Request
from pydantic import BaseModel, Field

from bot.core.logs import log
from bot.core.network import ActionsEndpoint
from bot.core.texts import say
from bot.desk.auth.audit import Action, AuditLog
from bot.desk.auth.guard import Guard, Refused
from bot.desk.auth.permissions import Permission
from bot.desk.auth.sessions import SignedIn
from bot.desk.editing.editions import Outdated
from bot.desk.editing.form import NotAForm
from bot.desk.editing.marking.marks import utterances
from bot.desk.editing.measuring.messages import TestMessages, Unusable, digest
from bot.desk.editing.measuring.reach import Reach, Reaches
from bot.desk.editing.presence import OpenEntries, in_words
from bot.desk.pages.entries import view
from bot.desk.pages.entries.entry_page import MAX_BODY_BYTES, EntryPage
from bot.desk.pages.entries.failures import in_form
from bot.desk.pages.entries.merge_page import packed
from bot.faq.imports.pasted import pasted
from bot.text.normalize import plain

TRY_TIMEOUT_S = 20.0


class TryIn(BaseModel):
    """A message to try, as a citizen could write it."""

    text: str = Field(min_length=1, max_length=1000)


class PastedIn(BaseModel):
    """HTML that an editor pasted from the clipboard."""

    html: str = Field(max_length=MAX_BODY_BYTES)


class EntryApi:
    """The handlers of the requests of an entry page's script; ``actions`` is the action server."""

    def __init__(
        self,
        *,
        guard: Guard,
        page: EntryPage,
        messages: TestMessages,
        reaches: Reaches,
        audit: AuditLog,
        open_entries: OpenEntries,
        actions: ActionsEndpoint,
    ) -> None:
        self._guard, self._page, self._messages, self._audit = guard, page, messages, audit
        self._reaches, self._open, self._actions = reaches, open_entries, actions

    def add_to(self, router: APIRouter) -> None:
        router.add_api_route("/desk/api/pasted", self.convert, methods=["POST"])
        router.add_api_route("/desk/api/entries/{id}/draft", self.save, methods=["POST"])
        router.add_api_route("/desk/api/entries/{id}/open", self.open, methods=["POST"])
        router.add_api_route("/desk/api/entries/{id}/left", self.left, methods=["POST"], status_code=204)
        router.add_api_route("/desk/api/entries/{id}/try", self.try_out, methods=["POST"])
        router.add_api_route("/desk/api/entries/{id}/test", self.keep, methods=["POST"])
        router.add_api_route("/desk/api/entries/{id}/reach", self.reach, methods=["POST"])

    async def save(self, request: Request, id: str) -> dict[str, Any]:
        """Saves the posted form and returns the values that the page shows for it, as JSON.

        They are ``{version, base, problems, clarity, diff, previews, state, minor, outline}``: ``base`` is the saved
        text (``packed``), ``diff`` its changes as HTML, ``state`` a Spanish sentence; view.py describes the others. If
        an utterance changed, ``marks`` and ``kinds`` are added. Raises Refused if somebody else has saved meanwhile, or
        if the header cannot be parsed.
        """
        signed_in, form = await self._guard.changing_form(request, Permission.ENTRIES)
        opened = await self._page.opened(id)
        try:
            version, text = await self._page.save(opened, form, signed_in)
        except Outdated as outdated:
            await self._page.keep(opened, form, signed_in)
            message = f"{self._page.outdated(outdated)} {say('entradas.errores.lo_tuyo')}"
            raise Refused(409, "outdated", message) from outdated
        except NotAForm as error:
            raise Refused(422, "no_form", say("entradas.errores.no_se_lee")) from error
        found, marked = self._page.checked(opened, text), await self._page.marked(opened.text, text)
        return {
            "version": version,
            "base": packed(text),
            "problems": view.problems_json(in_form(found.problems)),
            "clarity": view.clarity(text, self._page.today()),
            "diff": view.diff_of(opened, text),
            "outline": view.outline(text),
            "previews": view.preview(found),
            "state": self._page.state(await self._page.opened(id)),
            "minor": self._page.is_minor(opened, text),
            **({"marks": [one.to_json() for one in marked.marks], "kinds": marked.kinds} if marked else {}),
        }

    async def open(self, request: Request, id: uuid.UUID) -> dict[str, str]:
        """Records that the person has the entry open; returns ``{others}``: a Spanish line that names others, or ''."""
        signed_in = await self._here(request)
        return {"others": in_words(await self._open.seen(id, signed_in.staff.id, signed_in.staff.name))}

    async def left(self, request: Request, id: uuid.UUID) -> None:
        """Records that the person has left the page of the entry."""
        signed_in = await self._here(request)
        await self._open.left(id, signed_in.staff.id)

    async def _here(self, request: Request) -> SignedIn:
        """Returns the session of a request that the page sends by itself; an open page is not user activity."""
        self._guard.check_origin(request)
        return await self._guard.reading(request, Permission.ENTRIES)

    async def convert(self, request: Request, given: PastedIn) -> dict[str, str]:
        """Converts HTML copied from Word or a page; returns ``{markdown, message}``, the latter in Spanish."""
        await self._guard.change(request, Permission.ENTRIES)
        found = await asyncio.to_thread(pasted, given.html)
        things = [say(f"entradas.pegado.cosas.{name}", n=count) for name, count in found.dropped.items()]
        summary = say("entradas.pegado.sin", cosas=", ".join(things)) if things else say("entradas.pegado.todo")
        return {"markdown": found.markdown, "message": summary}

    async def keep(self, request: Request, id: str, tried: TryIn) -> dict[str, str]:
        """Saves the tried message as a test message that this entry should answer; returns ``{message}``, in Spanish.

        Raises Refused if the text cannot be a test message, the entry's header cannot be parsed, or the file of
        messages cannot be written.
        """
        signed_in = await self._guard.change(request, Permission.ENTRIES)
        form = view.readable_form((await self._page.opened(id)).text)
        if form is None:
            raise Refused(422, "no_form", say("entradas.errores.no_se_lee"))
        text, entry = " ".join(tried.text.split()), form.fields["id"]
        try:
            await self._messages.add(text, entry)
        except Unusable as error:
            raise Refused(422, "unusable", say(f"pruebas.errores.{error.why}")) from error
        except OSError as error:
            raise Refused(503, "not_saved", say("pruebas.errores.sin_guardar")) from error
        facts = {"what": "agregado", "hash": digest(text)}
        await self._audit.record(Action.TESTS_CHANGED, staff_id=signed_in.staff.id, subject=entry, **facts)
        return {"message": say("pruebas.guardado")}

    async def try_out(self, request: Request, id: str, tried: TryIn) -> dict[str, Any]:
        """Returns ``{before, after}``: the answers now and with the draft, as lines.

        ``after`` is null if the draft has errors. Raises Refused (503) if the action server fails.
        """
        await self._guard.change(request, Permission.ENTRIES)
        opened = await self._page.opened(id)
        body = {"text": tried.text, "path": opened.document.path}
        body |= {"content": opened.text.content, "phrases": opened.text.phrases}
        try:
            async with self._actions.client(TRY_TIMEOUT_S) as client:
                answer = (await client.post("/try", json=body)).raise_for_status()
            return {key: answer.json()[key] for key in ("before", "after")}
        except (httpx.HTTPError, ValueError, KeyError) as error:
            log.warning("entries: action server unavailable", error=type(error).__name__)
            raise Refused(503, "no_answerer", say("entradas.errores.sin_asistente")) from error

    async def reach(self, request: Request, id: str) -> dict[str, Any]:
        """Returns ``{asked, note, own, summary}``: what the draft would answer, as lists of ``{text, reached, words}``.

        ``asked`` are questions of the backlog, each with ``written``, whether the draft has the text, which its words
        say, too; ``note`` says which are missing and why; ``own`` are the draft's utterances, each left out, those that
        go astray first; ``summary`` counts these. Raises Refused if that is unknown.
        """
        signed_in = await self._guard.change(request, Permission.ENTRIES)
        opened = await self._page.opened(id)
        form = view.readable_form(opened.text)
        if form is None:
            raise Refused(422, "no_form", say("entradas.errores.no_se_lee"))
        await self._audit.record_view(Action.BACKLOG_VIEWED, staff_id=signed_in.staff.id)
        found = await self._reaches.of(form.fields["id"], opened.document.path, opened.text)
        if found is None:
            raise Refused(503, "no_answerer", say("entradas.gente.alcance.sin_medir"))
        written = {plain(form.fields["pregunta"]), *(plain(text) for _, text in utterances(form))}
        return {
            "asked": [_asked(one, written=plain(one.text) in written) for one in found.asked],
            "note": found.note,
            "own": [_json(one) for one in found.own],
            "summary": found.summary,
        }


def _asked(one: Reach, *, written: bool) -> dict[str, Any]:
    words = f"{say('entradas.gente.alcance.ya_esta')} {one.words}" if written else one.words
    return {**_json(one), "words": words, "written": written}


def _json(one: Reach) -> dict[str, str]:
    return {"text": one.text, "reached": one.reached, "words": one.words}
