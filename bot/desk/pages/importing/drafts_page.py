"""Serves ``/desk/respuestas/borradores``, where an editor publishes several drafts together, or sends them to review.

Their combined effect is measured and shown before they go live, as for an import.
"""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response

from bot.core.texts import area
from bot.desk.auth.permissions import Permission
from bot.desk.auth.sessions import SignedIn
from bot.desk.editing.approving.checking import DraftChecks, Unchecked
from bot.desk.editing.importing import Waiting
from bot.desk.editing.measuring.effect import CHANGES
from bot.desk.editing.measuring.gate import MAX_REASON, MIN_REASON, Judged, digest_of
from bot.desk.editing.record import State
from bot.desk.editing.text import EntryText
from bot.desk.pages.entries.acting import editor_of
from bot.desk.pages.entries.answers import answers_of
from bot.desk.pages.entries.expiry import EXPIRED
from bot.desk.pages.entries.failures import in_form
from bot.desk.pages.entries.list_page import PATH
from bot.desk.pages.entries.posted import words_in
from bot.desk.pages.entries.view import readable_form
from bot.desk.pages.importing.page import PublishingPage
from bot.faq.entries.body import NOTED
from bot.faq.entries.problem import Problem, Severity

HERE = f"{PATH}/borradores"
WARNED = (EXPIRED, NOTED)  # advice for which a draft is not chosen from the start


@dataclass(frozen=True)
class Shown:
    """A draft as the page lists it: ``path`` is that of its file once it is published; ``problems`` are its errors.

    ``advice`` warns that its last day is over, so that it would answer nobody, or that its answer has a clerk's note.
    """

    draft: Waiting
    path: str
    question: str
    problems: Sequence[Problem]
    advice: Sequence[Problem] = ()


class DraftsPage(PublishingPage):
    """The page that publishes several drafts together."""

    def add_to(self, router: APIRouter) -> None:
        self._pages.serve(router, "GET", HERE, self.show)
        self._pages.serve(router, "POST", HERE, self.post)

    async def show(self, request: Request) -> Response:
        signed_in = await self._guard.page(request, Permission.ENTRIES)
        drafts = await self._drafts()
        mine = [one for one in drafts if one.draft.changed_by == signed_in.staff.name]
        return self._page(signed_in, drafts, {one.draft.id for one in mine if not one.problems and not one.advice})

    async def post(self, request: Request) -> Response:
        """Publishes the chosen drafts, once the editor has seen their effect; with four-eyes, sends them to review."""
        signed_in, form = await self._pages.posted(request, Permission.ENTRIES)
        drafts, ids = await self._drafts(), set(map(str, form.getlist("borrador")))
        chosen = [one for one in drafts if str(one.draft.id) in ids]
        kept = {one.draft.id for one in chosen}
        if why := _prevents(chosen):
            return self._page(signed_in, drafts, kept, error=area("borradores")["errores"][why])
        texts = {one.path: one.draft.text for one in chosen}
        state, by = State.REVIEW if self._agency.four_eyes else State.PUBLISHED, editor_of(signed_in)
        if state is State.PUBLISHED:
            seen = str(form.get("medido", "")) == digest_of(texts)
            reason = words_in(form, "motivo_efecto", MAX_REASON) if seen else ""
            judged = await self._gate.judge(texts, reason, by, area("borradores")["titulo"])
            if not (seen and judged.passes):
                return self._page(signed_in, drafts, kept, judged=judged, texts=texts)
        taken = await self._importer.advance({one.draft.id: (one.path, one.draft.text) for one in chosen}, state, by)
        end = "revision" if state is State.REVIEW else "publicar"
        return RedirectResponse(f"{PATH}?traidas={end}-{taken.done}-{taken.left}", 303)

    async def _drafts(self) -> list[Shown]:
        waiting = await self._importer.waiting()
        return await asyncio.to_thread(self._checked, waiting)

    def _checked(self, waiting: Sequence[Waiting]) -> list[Shown]:
        """Checks all drafts together, as the files that they would become, with the files of the other entries."""
        drafts = [Unchecked(one.path, one.text) for one in waiting]
        problems = DraftChecks(self._faq_dir, self._agency.teams).problems(drafts, self._agency.today())
        return [_shown(*each) for each in zip(waiting, drafts, problems, strict=True)]

    def _page(
        self,
        signed_in: SignedIn,
        drafts: Sequence[Shown],
        chosen: set[uuid.UUID],
        *,
        error: str = "",
        judged: Judged | None = None,
        texts: Mapping[str, EntryText] | None = None,
    ) -> Response:
        values: dict[str, Any] = {"judged": judged, "digest": digest_of(texts) if texts else ""}
        if judged is not None and texts:
            values["answers"] = answers_of(judged.effect, self._faq, texts, self._agency.offices)
        return self._pages.sheet(
            "entry_drafts.html",
            signed_in,
            status=422 if error else 200,
            here=PATH,
            t=area("borradores"),
            m=area("traer")["medido"],
            f=area("entradas")["efecto"],
            drafts=drafts,
            chosen=chosen,
            error=error,
            four_eyes=self._agency.four_eyes,
            changes=CHANGES,
            bounds=(MIN_REASON, MAX_REASON),
            **values,
        )


def _prevents(chosen: Sequence[Shown]) -> str:
    """Returns the key of the reason why the drafts cannot be published together; "" if they can."""
    if not chosen:
        return "ninguno"
    if any(one.problems for one in chosen):
        return "con_error"
    return "" if len({one.path for one in chosen}) == len(chosen) else "mismo_archivo"


def _shown(draft: Waiting, unchecked: Unchecked, problems: Sequence[Problem]) -> Shown:
    form = readable_form(draft.text)
    question = (form.fields["pregunta"] if form else "") or draft.path
    errors = in_form(one for one in problems if one.severity is Severity.ERROR)
    return Shown(draft, unchecked.target, question, errors, [one for one in problems if one.code in WARNED])
