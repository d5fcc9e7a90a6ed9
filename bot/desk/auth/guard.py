"""Checks every desk request: session, permission and, for changes, origin and CSRF token.

Each handler for signed-in staff first calls a method of Guard. ``page`` redirects to the sign-in page; ``reading`` and
``change`` refuse in JSON. The origin is checked by fetch metadata or the Origin header. ``reading`` does not count as
user activity, because the page's script also sends such requests by itself.
"""

from __future__ import annotations

import hmac
from urllib.parse import quote, urlsplit

from fastapi import HTTPException, Request, Response
from starlette.datastructures import FormData

from bot.core.logs import log
from bot.core.network import host_of, network
from bot.core.texts import say
from bot.desk.auth.accounts import StaffMember
from bot.desk.auth.permissions import Permission, may
from bot.desk.auth.sessions import MAX_AGE, Browser, SignedIn, StaffSessions
from bot.desk.auth.throttles import DEVICE_TTL_S
from bot.metrics.measures import Refusal, count_refusal

LOGIN = "/desk/login"
CONFIRM = "/desk/confirmar"
CODE = "/desk/login/codigo"
SECOND_FACTOR = "/desk/cuenta/dos-pasos"
SIGN_OUT = "/desk/salir"
OIDC_LEAVE = "/desk/oidc/entrar"
OIDC_BACK = "/desk/oidc/vuelta"
PASSWORD = "/desk/clave"  # noqa: S105  (a path)
CSRF_HEADER = "x-csrf-token"
CSRF_FIELD = "csrf"


class Refused(HTTPException):
    """A refused request; its JSON is ``{"detail": {"error": code, "message": Spanish, ...}}``."""

    def __init__(self, status: int, error: str, message: str, **facts: object) -> None:
        super().__init__(status, detail={"error": error, "message": message, **facts})
        self.code, self.message = error, message


class Guard:
    """Finds the session of a request and checks the person's permissions.

    ``public_url`` is the desk's URL for browsers; if it is '', the request's URL is used. ``second_factor`` lists the
    roles that require 2FA.
    """

    def __init__(self, browsers: StaffSessions, *, public_url: str, second_factor: tuple[str, ...] = ()) -> None:
        self._second_factor = frozenset(second_factor)
        self._browsers = browsers
        self._public = urlsplit(public_url)
        self._secure = self._public.scheme == "https"
        prefix = "__Host-" if self._secure else ""
        self.cookie, self.device_cookie = f"{prefix}ventanilla", f"{prefix}ventanilla-device"
        self.trip_cookie = f"{prefix}ventanilla-oidc"

    async def signed_in(self, request: Request) -> SignedIn | None:
        token = request.cookies.get(self.cookie)
        return await self._browsers.find(token) if token else None

    async def waiting(self, request: Request) -> SignedIn | None:
        """Returns the request's session if it still awaits the second factor's code, else None."""
        token = request.cookies.get(self.cookie)
        return await self._browsers.find_waiting(token) if token else None

    def requires_second_factor(self, staff: StaffMember) -> bool:
        return not self._second_factor.isdisjoint(staff.roles)

    def lacks(self, staff: StaffMember) -> str:
        """Returns the path of the page for a password change or 2FA setup that the person must do first, or ''."""
        if staff.must_change_password:
            return PASSWORD
        return SECOND_FACTOR if self.requires_second_factor(staff) and not staff.has_second_factor else ""

    def browser(self, request: Request) -> Browser:
        """Returns the User-Agent, network and device cookie of the request."""
        address = network(request.client.host if request.client else "")
        return Browser(request.headers.get("user-agent", ""), address, request.cookies.get(self.device_cookie, ""))

    async def page(
        self, request: Request, needs: Permission | None = None, *, fresh: bool = False, back: str = ""
    ) -> SignedIn:
        """Returns the session of a page request.

        Raises an HTTPException that redirects to sign-in, password change or 2FA setup if one is due. With ``fresh``
        (for dangerous changes), it redirects to a form that asks for the password again, unless the person gave it
        recently; this form leads to the page ``back``, '' for the request's own path. Raises Refused if the person
        lacks the permission ``needs``. Counts as user activity.
        """
        signed_in = await self.signed_in(request)
        if signed_in is None:
            back = f"?volver={quote(request.url.path)}" if request.method == "GET" else ""
            raise _redirect(LOGIN + back)
        lacks = self.lacks(signed_in.staff)
        if lacks and request.url.path not in {lacks, CONFIRM, SIGN_OUT}:
            raise _redirect(lacks)
        if needs is not None:
            check_may(signed_in, needs)
        if fresh and not self._browsers.fresh(signed_in):
            raise _redirect(f"{CONFIRM}?volver={quote(back or request.url.path)}")
        await self._browsers.touch(signed_in)
        return signed_in

    async def reading(self, request: Request, needs: Permission = Permission.DESK) -> SignedIn:
        """Returns the session of an API request that reads data.

        Raises Refused if there is no session, if the person must first change the password or set up 2FA, or lacks the
        permission ``needs``.
        """
        signed_in = await self.signed_in(request)
        if signed_in is None:
            raise Refused(401, "signed_out", say("desk.errores.sin_sesion"))
        if lacks := self.lacks(signed_in.staff):
            error = "password_change" if lacks == PASSWORD else "second_factor"
            raise Refused(403, error, say(f"desk.errores.{error}"))
        check_may(signed_in, needs)
        return signed_in

    async def change(self, request: Request, needs: Permission = Permission.ANSWER) -> SignedIn:
        """Returns the session of an API request that changes data; checks origin and CSRF token too.

        Counts as user activity. Raises Refused.
        """
        self.check_origin(request)
        signed_in = await self.reading(request, needs)
        self.check_token(signed_in, request.headers.get(CSRF_HEADER, ""))
        await self._browsers.touch(signed_in)
        return signed_in

    async def changing_form(self, request: Request, needs: Permission) -> tuple[SignedIn, FormData]:
        """Checks as ``change`` does, before the form is read and again once it has arrived, which may take minutes.

        Returns the session and the form. Raises Refused.
        """
        await self.change(request, needs)
        form = await request.form()
        return await self.change(request, needs), form

    def check_origin(self, request: Request) -> None:
        """Checks that no other site's page sent the request; needs no session. Raises Refused."""
        site = request.headers.get("sec-fetch-site")
        origin = host_of(request.headers.get("origin", ""))
        if site not in {"same-origin", "none"} and (site is not None or origin not in self._hosts(request)):
            count_refusal(Refusal.OTHER_SITE)
            raise Refused(403, "other_site", say("desk.errores.otro_sitio"))

    def check_token(self, signed_in: SignedIn, token: str) -> None:
        """Checks that ``token`` is the session's CSRF token. Raises Refused."""
        if not hmac.compare_digest(signed_in.csrf_token.encode(), token.encode()):
            count_refusal(Refusal.OTHER_SITE)
            raise Refused(403, "csrf", say("desk.errores.solicitud_invalida"))

    def set_session_cookie(self, response: Response, token: str, device: str = "") -> None:
        """Sets the session cookie and, if given, the cookie of a known device."""
        self.set_cookie(response, self.cookie, token, int(MAX_AGE.total_seconds()))
        if device:
            self.set_cookie(response, self.device_cookie, device, DEVICE_TTL_S)

    def clear_session_cookie(self, response: Response) -> None:
        self.drop_cookie(response, self.cookie)

    def own(self, request: Request, path: str) -> str:
        """Returns the public URL of ``path``, a path of this site."""
        return f"{self._public.geturl().rstrip('/') or str(request.base_url).rstrip('/')}{path}"

    def drop_cookie(self, response: Response, name: str) -> None:
        response.delete_cookie(name, path="/", secure=self._secure, httponly=True, samesite="lax")

    def set_cookie(self, response: Response, name: str, value: str, seconds: int) -> None:
        response.set_cookie(name, value, max_age=seconds, path="/", secure=self._secure, httponly=True, samesite="lax")

    def _hosts(self, request: Request) -> set[str]:
        return {host for host in (self._public.netloc, request.headers.get("host", "")) if host}


def check_may(signed_in: SignedIn, permission: Permission) -> None:
    """Checks that one of the person's roles grants the permission; else logs the refusal and raises Refused."""
    if not may(signed_in.staff, permission):
        log.warning("desk: permission refused", staff=str(signed_in.staff.id), permission=permission)
        raise Refused(403, "not_allowed", say(f"desk.sin_permiso.{permission}"))


def _redirect(address: str) -> HTTPException:
    return HTTPException(303, headers={"Location": address})
