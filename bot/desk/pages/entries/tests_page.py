"""Serves ``/desk/respuestas/pruebas``: the agency's test messages, each with the entry that answers it now."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response

from bot.core.texts import area, say
from bot.desk.auth.audit import Action, AuditLog
from bot.desk.auth.guard import Guard
from bot.desk.auth.permissions import Permission
from bot.desk.auth.sessions import SignedIn
from bot.desk.editing.measuring.messages import MAX_CHARACTERS, MOST_TESTS, TestMessage, TestMessages, Unusable, digest
from bot.desk.pages.base import DeskPages
from bot.desk.pages.entries.list_page import PATH
from bot.desk.pages.entries.posted import words_in
from bot.faq.entries.entry import Entry
from bot.text.normalize import plain

HERE = f"{PATH}/pruebas"
DONE = {"agregar": "agregado", "cambiar": "cambiado", "quitar": "quitado"}


@dataclass(frozen=True)
class Shown:
    """A message, and the questions of the entries that should answer it (``wanted``) and that do (``found``).

    ``state`` is a key of ``pruebas.estados``.
    """

    message: TestMessage
    wanted: str
    found: str
    state: str


class TestsPage:
    """The page of the test messages."""

    __test__ = False  # not a test case

    def __init__(self, *, guard: Guard, pages: DeskPages, messages: TestMessages, faq: Any, audit: AuditLog) -> None:
        self._guard, self._pages, self._messages, self._faq, self._audit = guard, pages, messages, faq, audit

    def add_to(self, router: APIRouter) -> None:
        self._pages.serve(router, "GET", HERE, self.show)
        self._pages.serve(router, "POST", HERE, self.change)

    async def show(self, request: Request, hecho: str = "", solo: str = "") -> Response:
        signed_in = await self._guard.page(request, Permission.ENTRIES)
        return await self._page(signed_in, done=area("pruebas")["hecho"].get(hecho, ""), only=solo)

    async def change(self, request: Request) -> Response:
        """Adds, changes or removes a message, depending on the pressed button."""
        signed_in, form = await self._pages.posted(request, Permission.ENTRIES)
        what, id = str(form.get("que", "")), words_in(form, "id", 16)
        text = " ".join(words_in(form, "texto", MAX_CHARACTERS + 1).split())
        old: TestMessage | None = None
        try:
            entry = "" if form.get("ajeno") or what == "quitar" else self._entry(words_in(form, "respuesta", 300))
            match what:
                case "agregar":
                    await self._messages.add(text, entry)
                case "cambiar":
                    old = await self._messages.change(id, text, entry)
                case "quitar":
                    old = await self._messages.remove(id)
                case _:
                    raise Unusable("cambio")
        except (Unusable, OSError) as error:
            why = error.why if isinstance(error, Unusable) else "sin_guardar"
            typed = {"id": id, "texto": text, "respuesta": words_in(form, "respuesta", 300), "ajeno": form.get("ajeno")}
            return await self._page(signed_in, error=say(f"pruebas.errores.{why}"), typed=typed)
        subject = old.entry if old and what == "quitar" else entry
        facts = {"entry_before": old.entry, "hash_before": digest(old.text)} if old else {}
        facts |= {"hash": digest(text)} if what != "quitar" else {}
        by = signed_in.staff.id
        await self._audit.record(Action.TESTS_CHANGED, staff_id=by, subject=subject, what=DONE[what], **facts)
        return RedirectResponse(f"{HERE}?hecho={DONE[what]}", 303)

    def _entry(self, named: str) -> str:
        """Returns the id of the entry with this id or question. Raises Unusable."""
        for entry in self._entries:
            if named == entry.id or (named and plain(named) == plain(entry.question)):
                return entry.id
        raise Unusable("sin_respuesta")

    @property
    def _entries(self) -> Sequence[Entry]:
        entries: Sequence[Entry] = self._faq.entries
        return entries

    async def _page(
        self,
        signed_in: SignedIn,
        *,
        done: str = "",
        error: str = "",
        typed: Mapping[str, Any] | None = None,
        only: str = "",
    ) -> Response:
        """Renders the page; ``typed`` is the form that was refused, whose ``id`` is '' for a new message."""
        messages = await self._messages.all()
        answered = await self._messages.answered(messages) if messages else []
        questions = {entry.id: entry.question for entry in reversed(self._entries)}
        shown = [
            _shown(one, None if answered is None else answered[place], questions) for place, one in enumerate(messages)
        ]
        counts = Counter(one.state for one in shown)
        return self._pages.sheet(
            "entry_tests.html",
            signed_in,
            status=422 if error else 200,
            here=PATH,
            t=area("pruebas"),
            shown=[one for one in shown if only != "fallan" or one.state not in ("llega", "nadie")],
            total=len(shown),
            good=counts["llega"] + counts["nadie"],
            measured=answered is not None,
            only=only,
            questions=sorted(set(questions.values())),
            done=done,
            error=error,
            typed=typed or {},
            bounds=(MAX_CHARACTERS, MOST_TESTS),
        )


def _shown(message: TestMessage, found: str | None, questions: Mapping[str, str]) -> Shown:
    wanted = questions.get(message.entry, message.entry)
    if message.entry and message.entry not in questions:
        state = "no_existe"
    elif found is None:
        state = "sin_medir"
    elif found == message.entry:
        state = "llega" if found else "nadie"
    else:
        state = "otra" if found else "ninguna"
    return Shown(message, wanted, questions.get(found or "", found or ""), state)
