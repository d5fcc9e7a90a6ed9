"""Serves ``/desk/clave``, where staff choose a new password, at the first sign-in or later.

The first sign-in does not ask again for the one-time password, which was entered a moment ago.
"""

from __future__ import annotations

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response

from bot.core.texts import say
from bot.desk.auth.guard import PASSWORD, Guard
from bot.desk.auth.passwords import MAX_CHARACTERS, MIN_CHARACTERS, cut
from bot.desk.auth.sessions import SignedIn
from bot.desk.auth.sign_in import Auth
from bot.desk.pages.base import DeskPages

# The field that each error is about; any other error is about the new password.
FIELD_OF = {"actual_incorrecta": "actual", "actual_falta": "actual", "espera": "actual", "distintas": "repetida"}


class PasswordPage:
    """The password page and its form."""

    def __init__(self, *, guard: Guard, auth: Auth, pages: DeskPages) -> None:
        self._guard = guard
        self._auth = auth
        self._pages = pages

    def add_to(self, router: APIRouter) -> None:
        self._pages.serve(router, "GET", PASSWORD, self.show)
        self._pages.serve(router, "POST", PASSWORD, self.change)

    async def show(self, request: Request) -> Response:
        return self._page(await self._guard.page(request))

    async def change(self, request: Request) -> Response:
        """Sets the new password; after an error, shows the form again, filled in except for the current password."""
        signed_in, form = await self._pages.posted(request)
        new, repeated = str(form.get("nueva", "")), str(form.get("repetida", ""))
        if new != repeated:
            return self._page(signed_in, error="distintas", new=new, repeated=repeated)
        current = cut(str(form["actual"])) if "actual" in form else None
        browser = self._guard.browser(request)
        token, refused = await self._auth.change_password(signed_in, current=current, new=new, browser=browser)
        if refused:
            return self._page(signed_in, error=refused, new=new, repeated=repeated)
        await self._pages.sessions_ended(str(signed_in.staff.id))
        response = RedirectResponse(self._pages.first_page(signed_in.staff), 303)
        self._guard.set_session_cookie(response, token)
        return response

    def _page(self, signed_in: SignedIn, *, error: str = "", new: str = "", repeated: str = "") -> Response:
        return self._pages.page(
            "password.html",
            status=422 if error else 200,
            first=signed_in.staff.must_change_password,
            asks_current=self._auth.asks_current(signed_in),
            email=signed_in.staff.email,
            csrf=signed_in.csrf_token,
            error=say(f"desk.clave.{error}", minimo=MIN_CHARACTERS, maximo=MAX_CHARACTERS) if error else "",
            wrong=FIELD_OF.get(error, "nueva") if error else "",
            typed={"nueva": new[:MAX_CHARACTERS], "repetida": repeated[:MAX_CHARACTERS]},
            rules=say("desk.clave.reglas", minimo=MIN_CHARACTERS),
            action=PASSWORD,
        )
