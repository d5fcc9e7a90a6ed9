"""Signs staff in through the agency's OpenID Connect provider; without a provider, the routes do not exist."""

from __future__ import annotations

from datetime import UTC, datetime

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response

from bot.conversation.inbox import Inbox
from bot.core.errors.staff import ProviderRefused
from bot.core.logs import log
from bot.core.network import limits
from bot.core.texts import say
from bot.desk.auth.audit import Action
from bot.desk.auth.guard import OIDC_BACK, OIDC_LEAVE, Guard
from bot.desk.auth.oidc import AUTHORIZATION_TTL_S, AuthorizationRequest, Oidc
from bot.desk.auth.oidc_accounts import OidcAccounts
from bot.desk.auth.sign_in import Auth
from bot.desk.pages.base import HOME, DeskPages, local_page
from bot.metrics.measures import Refusal, count_refusal

NEVER = datetime.fromtimestamp(0, UTC)
MAX_PARAMETER_CHARACTERS = 4000
REQUESTS_PER_NETWORK = 60
REQUESTS_WINDOW_S = 600


class OidcPage:
    """The handlers of the two OIDC routes: the redirect to the provider, and the callback from the provider."""

    def __init__(
        self, *, guard: Guard, auth: Auth, pages: DeskPages, oidc: Oidc, accounts: OidcAccounts, inbox: Inbox
    ) -> None:
        self._guard = guard
        self._auth = auth
        self._pages = pages
        self._oidc = oidc
        self._accounts = accounts
        self._inbox = inbox

    def add_to(self, router: APIRouter) -> None:
        self._pages.serve(router, "GET", OIDC_LEAVE, self.leave)
        self._pages.serve(router, "GET", OIDC_BACK, self.come_back)

    async def leave(self, request: Request, volver: str = HOME) -> Response:
        """Redirects to the provider; with ``confirmar`` the provider asks for the password again."""
        again = "confirmar" in request.query_params
        try:
            await self._limited(request)
            address, authorization = await self._oidc.leave(
                self._guard.own(request, OIDC_BACK), local_page(volver), again=again
            )
        except ProviderRefused as error:
            return self._refused(error, "desk.entrada.proveedor_caido", 502)
        response = RedirectResponse(address, 303)
        self._guard.set_cookie(response, self._guard.trip_cookie, authorization, AUTHORIZATION_TTL_S)
        return response

    async def come_back(self, request: Request) -> Response:
        params = {key: value[:MAX_PARAMETER_CHARACTERS] for key, value in request.query_params.items()}
        try:
            await self._limited(request)
            authorization = self._oidc.returned(request.cookies.get(self._guard.trip_cookie, ""), params)
            await self._once(authorization)
        except ProviderRefused as error:  # anybody can request this URL, so nothing is audited
            return self._refused(error, "desk.entrada.proveedor_rechaza", 403)
        try:
            signed_in = await self._oidc.identity(authorization, self._guard.own(request, OIDC_BACK))
            staff = await self._accounts.account_for(signed_in)
        except ProviderRefused as error:
            network = self._guard.browser(request).network
            await self._auth.audit.record(Action.SIGN_IN_REFUSED, staff_id=None, by="oidc", network=network)
            count_refusal(Refusal.SIGN_IN)
            return self._refused(error, "desk.entrada.proveedor_rechaza", 403)
        confirmed_at = datetime.fromtimestamp(signed_in.signed_in_at, UTC) if signed_in.signed_in_at else NEVER
        previous = await self._guard.signed_in(request)
        if previous is not None:
            await self._auth.browsers.end(previous.token_hash)
        result = await self._auth.begin(staff, self._guard.browser(request), by="oidc", confirmed_at=confirmed_at)
        response = self._pages.set_session_cookie(result, local_page(authorization.volver))
        self._guard.drop_cookie(response, self._guard.trip_cookie)
        return response

    async def _limited(self, request: Request) -> None:
        """Counts a request from the browser's network. Raises ProviderRefused if there are too many."""
        for network, most in limits(self._guard.browser(request).network, REQUESTS_PER_NETWORK):
            if not await self._inbox.allow(self._oidc.counter(network), most, REQUESTS_WINDOW_S):
                raise ProviderRefused(reason="too many")

    async def _once(self, authorization: AuthorizationRequest) -> None:
        """Marks the authorization request as used. Raises ProviderRefused if it was used before."""
        if not await self._inbox.once(f"oidc:{authorization.state}", AUTHORIZATION_TTL_S):
            raise ProviderRefused(reason="repeated")

    def _refused(self, error: ProviderRefused, words: str, status: int) -> Response:
        log.info("oidc: provider refused", reason=str(error.facts.get("reason")))
        response = self._pages.login(say(words), status=status)
        self._guard.drop_cookie(response, self._guard.trip_cookie)
        return response
