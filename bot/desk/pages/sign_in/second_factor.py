"""Serves the 2FA pages: the code at sign-in (``/desk/login/codigo``) and the settings (``/desk/cuenta/dos-pasos``).

In the settings, staff enable or disable 2FA for their own account and get new recovery codes.
"""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response

from bot.core.texts import say
from bot.desk.auth.guard import CODE, CSRF_FIELD, LOGIN, SECOND_FACTOR, Guard
from bot.desk.auth.second_factor import remove_second_factor
from bot.desk.auth.sessions import SignedIn
from bot.desk.auth.sign_in import Auth
from bot.desk.pages.base import HOME, DeskPages, is_sure, local_page, wait_words
from bot.record.engine import Sessions

ACCOUNT = "/desk/cuenta"
MAX_CODE_CHARACTERS = 40
ASKED_ABOUT = frozenset({"codigos", "quitar"})


class SecondFactorPage:
    """The handlers of the 2FA pages and their forms."""

    def __init__(self, *, guard: Guard, auth: Auth, pages: DeskPages, sessions: Sessions) -> None:
        self._guard = guard
        self._auth = auth
        self._pages = pages
        self._sessions = sessions

    def add_to(self, router: APIRouter) -> None:
        self._pages.serve(router, "GET", CODE, self.code_page)
        self._pages.serve(router, "POST", CODE, self.give_code)
        self._pages.serve(router, "GET", SECOND_FACTOR, self.show)
        self._pages.serve(router, "POST", SECOND_FACTOR, self.change)

    async def code_page(self, request: Request, volver: str = HOME) -> Response:
        waiting = await self._guard.waiting(request)
        return self._code_page(waiting, volver) if waiting else RedirectResponse(LOGIN, 303)

    async def give_code(self, request: Request) -> Response:
        self._guard.check_origin(request)
        form = await request.form()
        waiting = await self._guard.waiting(request)
        if waiting is None:
            return RedirectResponse(LOGIN, 303)
        self._guard.check_token(waiting, str(form.get(CSRF_FIELD, "")))
        volver = local_page(str(form.get("volver", "")))
        result = await self._auth.give_code(waiting, _code(form), self._guard.browser(request))
        if not result.token:
            return self._code_page(waiting, volver, wait_s=result.wait_s, wrong=True)
        return self._pages.set_session_cookie(result, volver)

    async def show(self, request: Request) -> Response:
        signed_in = await self._guard.page(request, fresh=True)
        return await self._state(signed_in) if signed_in.staff.has_second_factor else self._offer(signed_in)

    async def change(self, request: Request) -> Response:
        signed_in, form = await self._pages.posted(request, fresh=True)
        action = str(form.get("que", ""))
        if signed_in.staff.has_second_factor:
            if action in ASKED_ABOUT and not is_sure(form):
                return self._pages.ask(request, signed_in, form, here=ACCOUNT, key=action)
            return await self._change_it(signed_in, action)
        offer = str(form.get("oferta", ""))
        codes = await self._auth.factor.enrol(signed_in.staff, offer, _code(form))
        if codes is None:
            return self._offer(signed_in, offer, error=say("desk.dos_pasos.codigo_malo"))
        await self._auth.browsers.end_own(signed_in, None)
        return self._codes(signed_in, codes, self._pages.first_page(signed_in.staff))

    async def _change_it(self, signed_in: SignedIn, action: str) -> Response:
        if action == "codigos":
            return self._codes(signed_in, await self._auth.factor.renew_codes(signed_in.staff))
        if action == "quitar" and not self._guard.requires_second_factor(signed_in.staff):
            await remove_second_factor(self._sessions, signed_in.staff.id, by=signed_in.staff.id)
            return RedirectResponse(ACCOUNT, 303)
        return await self._state(signed_in)

    async def _state(self, signed_in: SignedIn) -> Response:
        left = await self._auth.factor.codes_left(signed_in.staff.id)
        required = self._guard.requires_second_factor(signed_in.staff)
        return self._pages.sheet("second_factor.html", signed_in, here=ACCOUNT, left=left, required=required)

    def _offer(self, signed_in: SignedIn, offer: str = "", *, error: str = "") -> Response:
        offer = offer if self._auth.factor.shown(signed_in.staff, offer) else self._auth.factor.offer(signed_in.staff)
        secret, drawn = self._auth.factor.shown(signed_in.staff, offer) or ("", "")
        required = self._guard.requires_second_factor(signed_in.staff)
        values = {"offer": offer, "secret": secret, "drawn": drawn, "error": error, "required": required}
        return self._pages.sheet(
            "second_factor_on.html", signed_in, here=ACCOUNT, status=422 if error else 200, **values
        )

    def _codes(self, signed_in: SignedIn, codes: list[str], after: str = ACCOUNT) -> Response:
        return self._pages.sheet("recovery_codes.html", signed_in, here=ACCOUNT, codes=codes, after=after)

    def _code_page(self, waiting: SignedIn, volver: str, *, wait_s: int = 0, wrong: bool = False) -> Response:
        error = say("desk.dos_pasos.codigo_malo") if wrong else ""
        if wait_s:
            error = say("desk.entrada.demasiados", espera=wait_words(wait_s))
        status = 429 if wait_s else 401 if wrong else 200
        values = {"csrf": waiting.csrf_token, "volver": local_page(volver), "error": error}
        return self._pages.page("code.html", status=status, **values)


def _code(form: Any) -> str:
    return str(form.get("codigo", ""))[:MAX_CODE_CHARACTERS]
