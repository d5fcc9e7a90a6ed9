"""The second step for browsers: giving the code when signing in (``/desk/login/codigo``), and turning it on, off, or
getting new recovery codes from one's own account (``/desk/cuenta/dos-pasos``).
"""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response

from bot.core.texts import say
from bot.desk.auth.guard import CODE, CSRF_FIELD, LOGIN, SECOND_FACTOR, Gate
from bot.desk.auth.second_factor import remove_second_factor
from bot.desk.auth.sessions import SignedIn
from bot.desk.auth.sign_in import Auth
from bot.desk.pages.base import HOME, DeskPages, local_page, wait_words
from bot.record.engine import Sessions

ACCOUNT = "/desk/cuenta"
MAX_CODE_CHARACTERS = 40


class SecondFactorPage:
    """The pages and their forms."""

    def __init__(self, *, gate: Gate, auth: Auth, pages: DeskPages, sessions: Sessions) -> None:
        self._gate = gate
        self._auth = auth
        self._pages = pages
        self._sessions = sessions

    def add_to(self, router: APIRouter) -> None:
        self._pages.serve(router, "GET", CODE, self.code_page)
        self._pages.serve(router, "POST", CODE, self.give_code)
        self._pages.serve(router, "GET", SECOND_FACTOR, self.show)
        self._pages.serve(router, "POST", SECOND_FACTOR, self.change)

    async def code_page(self, request: Request, volver: str = HOME) -> Response:
        waiting = await self._gate.waiting(request)
        return self._code_page(waiting, volver) if waiting else RedirectResponse(LOGIN, 303)

    async def give_code(self, request: Request) -> Response:
        self._gate.check_origin(request)
        waiting = await self._gate.waiting(request)
        if waiting is None:
            return RedirectResponse(LOGIN, 303)
        form = await request.form()
        self._gate.check_token(waiting, str(form.get(CSRF_FIELD, "")))
        volver = local_page(str(form.get("volver", "")))
        tried = await self._auth.give_code(waiting, _code(form), self._gate.browser(request))
        if not tried.token:
            return self._code_page(waiting, volver, wait_s=tried.wait_s, wrong=True)
        return self._pages.let_in(tried, volver)

    async def show(self, request: Request) -> Response:
        who = await self._gate.page(request, fresh=True)
        return await self._state(who) if who.staff.has_second_factor else self._offer(who)

    async def change(self, request: Request) -> Response:
        who, form = await self._pages.posted(request, fresh=True)
        what = str(form.get("que", ""))
        if who.staff.has_second_factor:
            return await self._change_it(who, what)
        offer = str(form.get("oferta", ""))
        codes = await self._auth.factor.enrol(who.staff, offer, _code(form))
        if codes is None:
            return self._offer(who, offer, error=say("desk.dos_pasos.codigo_malo"))
        await self._auth.browsers.end_own(who, None)
        return self._codes(who, codes)

    async def _change_it(self, who: SignedIn, what: str) -> Response:
        if what == "codigos":
            return self._codes(who, await self._auth.factor.renew_codes(who.staff))
        if what == "quitar" and not self._gate.requires_second_factor(who.staff):
            await remove_second_factor(self._sessions, who.staff.id, by=who.staff.id)
            return RedirectResponse(ACCOUNT, 303)
        return await self._state(who)

    async def _state(self, who: SignedIn) -> Response:
        left = await self._auth.factor.codes_left(who.staff.id)
        required = self._gate.requires_second_factor(who.staff)
        return self._pages.sheet("second_factor.html", who, here=ACCOUNT, left=left, required=required)

    def _offer(self, who: SignedIn, offer: str = "", *, error: str = "") -> Response:
        offer = offer if self._auth.factor.shown(who.staff, offer) else self._auth.factor.offer(who.staff)
        secret, drawn = self._auth.factor.shown(who.staff, offer) or ("", "")
        required = self._gate.requires_second_factor(who.staff)
        values = {"offer": offer, "secret": secret, "drawn": drawn, "error": error, "required": required}
        return self._pages.sheet("second_factor_on.html", who, here=ACCOUNT, status=422 if error else 200, **values)

    def _codes(self, who: SignedIn, codes: list[str]) -> Response:
        return self._pages.sheet("recovery_codes.html", who, here=ACCOUNT, codes=codes)

    def _code_page(self, waiting: SignedIn, volver: str, *, wait_s: int = 0, wrong: bool = False) -> Response:
        error = say("desk.dos_pasos.codigo_malo") if wrong else ""
        if wait_s:
            error = say("desk.entrada.demasiados", espera=wait_words(wait_s))
        status = 429 if wait_s else 401 if wrong else 200
        values = {"csrf": waiting.csrf_token, "volver": local_page(volver), "error": error}
        return self._pages.page("code.html", status=status, **values)


def _code(form: Any) -> str:
    return str(form.get("codigo", ""))[:MAX_CODE_CHARACTERS]
