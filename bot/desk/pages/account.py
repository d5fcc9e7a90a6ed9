"""Serves ``/desk/cuenta``, where staff see their own account and end their open sessions."""

from __future__ import annotations

from uuid import UUID

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response

from bot.agency.model import Agency
from bot.conversation.signals import Signals
from bot.desk.auth.device import device_words
from bot.desk.auth.guard import Guard
from bot.desk.auth.sign_in import Auth
from bot.desk.pages.base import DeskPages
from bot.handoff.notices import team_list

PATH = "/desk/cuenta"
SESSIONS_PATH = "/desk/cuenta/sesiones"
LIVE_PATH = "/desk/cuenta/viva"  # polled by each open page (expiry.js)


class AccountPage:
    """The handlers of the account page and its form."""

    def __init__(self, *, guard: Guard, auth: Auth, pages: DeskPages, agency: Agency, signals: Signals) -> None:
        self._guard, self._signals = guard, signals
        self._auth = auth
        self._pages = pages
        self._agency = agency
        self._zone = agency.zone

    def add_to(self, router: APIRouter) -> None:
        self._pages.serve(router, "GET", PATH, self.show)
        self._pages.serve(router, "GET", SESSIONS_PATH, self.show)  # after the password was given again
        self._pages.serve(router, "POST", SESSIONS_PATH, self.end)
        router.add_api_route(LIVE_PATH, self.live, methods=["GET"], include_in_schema=False)

    async def show(self, request: Request) -> Response:
        signed_in = await self._guard.page(request)
        return self._pages.sheet(
            "account.html",
            signed_in,
            here=PATH,
            teams=team_list(self._agency, signed_in.staff.teams),
            sessions=await self._auth.browsers.open_ones(signed_in),
            device=device_words,
            zone=self._zone,
        )

    async def live(self, request: Request) -> Response:
        """Answers 204 while the session of the request is open, 401 once it has ended; does not count as activity."""
        open_still = await self._guard.signed_in(request)
        return Response(status_code=204 if open_still else 401, headers={"Cache-Control": "no-store"})

    async def end(self, request: Request) -> Response:
        """Ends one session of the signed-in person, or all other sessions; requires a password given recently."""
        signed_in, form = await self._pages.posted(request, fresh=True)
        chosen = _session_id(str(form.get("sesion", "")))
        await self._auth.browsers.end_own(signed_in, chosen)
        await self._signals.account_changed(str(signed_in.staff.id))
        return RedirectResponse(PATH, 303)


def _session_id(text: str) -> UUID | None:
    """Parses the form's choice: None for all other sessions; an invalid id becomes UUID 0, which no session has."""
    if text == "otras":
        return None
    try:
        return UUID(text)
    except ValueError:
        return UUID(int=0)
