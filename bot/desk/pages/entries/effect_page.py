"""Serves ``/desk/respuestas/<id>/efecto``: how the draft of an entry would change the answers if published."""

from __future__ import annotations

from datetime import datetime

from fastapi import APIRouter, Request
from fastapi.responses import Response

from bot.agency.offices import Office
from bot.core.texts import area
from bot.desk.auth.guard import Guard
from bot.desk.auth.permissions import Permission
from bot.desk.editing.form import NotAForm, path_for
from bot.desk.editing.listing import PublishedFiles
from bot.desk.editing.measuring.effect import CHANGES, Effects
from bot.desk.editing.measuring.gate import MAX_REASON, MIN_REASON
from bot.desk.pages.base import DeskPages
from bot.desk.pages.entries.answers import answers_of
from bot.desk.pages.entries.entry_page import EntryPage
from bot.desk.pages.entries.list_page import PATH

STOPPED = {"aprobar", "aprobar_ahora", "aprobar_fecha", "publicar", "programar"}


class EffectPage:
    """The handler of the page that shows how the draft would change the answers.

    If ``para`` is the key of a button whose action was stopped, the page asks for a reason to continue with it.
    """

    def __init__(
        self,
        *,
        guard: Guard,
        pages: DeskPages,
        page: EntryPage,
        effects: Effects,
        faq: PublishedFiles,
        offices: tuple[Office, ...],
    ) -> None:
        self._guard, self._pages, self._page, self._effects, self._faq = guard, pages, page, effects, faq
        self._offices = offices

    def add_to(self, router: APIRouter) -> None:
        self._pages.serve(router, "GET", PATH + "/{id}/efecto", self.show)

    async def show(self, request: Request, id: str, para: str = "", cuando: str = "") -> Response:
        signed_in = await self._guard.page(request, Permission.ENTRIES)
        opened = await self._page.opened(id)
        try:
            texts = {path_for(opened.document.path, opened.text): opened.text}
        except NotAForm:
            texts = {}
        found = await self._effects.of(texts) if texts else None
        return self._pages.sheet(
            "entry_effect.html",
            signed_in,
            here=PATH,
            e=area("entradas"),
            opened=opened,
            title=self._page.question(opened),
            covered=self._page.covered(opened),
            effect=found,
            changes=CHANGES,
            answers=answers_of(found, self._faq, texts, self._offices),
            what=para if para in STOPPED else "",
            at=cuando if _is_moment(cuando) else "",
            bounds=(MIN_REASON, MAX_REASON),
        )


def _is_moment(text: str) -> bool:
    try:
        return bool(datetime.fromisoformat(text))
    except ValueError:
        return False
