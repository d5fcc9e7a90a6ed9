"""Serves ``/visto-bueno/<secret>``, where a responsible unit approves a changed answer or asks for changes.

The secret alone gives access, so guesses are throttled per network, and browsers must not cache the page.
"""

from __future__ import annotations

from fastapi import APIRouter, Request
from fastapi.responses import Response

from bot.agency.model import Agency
from bot.core.messages import Channel
from bot.core.texts import area
from bot.desk.auth.guard import Guard
from bot.desk.auth.throttles import Throttles
from bot.desk.editing.links import PATH, Asked, Decision, UnitLinks
from bot.desk.pages.base import DeskPages
from bot.desk.pages.entries import view
from bot.desk.pages.entries.posted import words_in
from bot.desk.views.times import day_and_hour
from bot.public_notices.board import NoticeBoard
from bot.store.throttle import Throttle

MAX_NAME, MAX_COMMENT = 80, 2000


class UnitPage:
    """The page on which a unit reviews a text, and its form; ``site`` is the public address of the agency's site."""

    def __init__(
        self,
        *,
        guard: Guard,
        pages: DeskPages,
        links: UnitLinks,
        throttle: Throttle,
        throttles: Throttles,
        agency: Agency,
        board: NoticeBoard,
        site: str,
    ) -> None:
        self._guard, self._pages, self._links, self._agency, self._site = guard, pages, links, agency, site
        self._throttle, self._throttles = throttle, throttles
        self._board, self._zone = board, agency.zone

    def add_to(self, router: APIRouter) -> None:
        self._pages.serve(router, "GET", PATH + "/{token}", self.show)
        self._pages.serve(router, "POST", PATH + "/{token}", self.decide)

    async def show(self, request: Request, token: str) -> Response:
        asked, wait = await self._asked(request, token)
        return self._page(asked, state="muchos" if wait else "")

    async def decide(self, request: Request, token: str) -> Response:
        self._guard.check_origin(request)
        asked, wait = await self._asked(request, token)
        if asked is None or asked.void:
            return self._page(asked, state="muchos" if wait else "")
        form = await request.form()
        decision = Decision.APPROVED if form.get("que") == "aprobar" else Decision.CHANGES
        name, comment = words_in(form, "nombre", MAX_NAME), words_in(form, "comentario", MAX_COMMENT)
        if not name or (decision is Decision.CHANGES and not comment):
            error = "sin_nombre" if not name else "sin_comentario"
            return self._page(asked, error=error, given={"nombre": name, "comentario": comment})
        void = await self._links.decide(token, decision, name, comment)
        return self._page(asked, state=void or f"gracias_{decision}")

    async def _asked(self, request: Request, token: str) -> tuple[Asked | None, int]:
        """Returns what the link shows (None if the link is unknown), and the seconds to wait after too many guesses."""
        buckets = self._throttles.link(self._guard.browser(request).network)
        if wait := await self._throttle.count(buckets):
            return None, wait
        asked = await self._links.asked(token)
        if asked is not None:
            await self._throttle.reset(buckets)
        return asked, 0

    def _page(
        self, asked: Asked | None, *, state: str = "", error: str = "", given: dict[str, str] | None = None
    ) -> Response:
        texts = area("entradas")
        state = state or (("unknown" if asked is None else asked.void) or "")
        status = {"muchos": 429, "unknown": 404}.get(state, 422 if error else 200)
        values = self._shown(asked) if asked and not state else {"title": texts["unidad"]["titulo"]}
        page = self._pages.page(
            "entry_unit.html",
            status=status,
            e=texts,
            u=texts["unidad"],
            state=state,
            error=error,
            given=given,
            **values,
        )
        page.headers["X-Robots-Tag"] = "noindex, nofollow"
        return page

    def _shown(self, asked: Asked) -> dict[str, object]:
        found = view.checked(asked.text, asked.document.path, self._agency, self._site)
        form = view.readable_form(asked.text)
        return {
            "title": form.fields["pregunta"] if form else asked.document.path,
            "asked": asked,
            "covered": view.covered(self._board, asked.text, asked.document.path, self._zone),
            "bubbles": [one.html for one in found.shown[Channel.WEB]],
            "diff": view.changes(asked.published, asked.text),
            "until": day_and_hour(asked.link.expires_at, self._zone),
        }
