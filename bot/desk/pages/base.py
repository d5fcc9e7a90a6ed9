"""Serves the main staff pages (sign-in, desk) and renders the templates of all other staff pages."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Mapping
from functools import wraps
from typing import Any
from urllib.parse import quote

from fastapi import APIRouter, HTTPException, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from bot.agency.model import Agency
from bot.channels.web.palette import Palette
from bot.conversation.files import SENDABLE
from bot.conversation.readable import readable
from bot.core.channels import name_of
from bot.core.messages import Channel, HandoffReason
from bot.core.texts import area, say
from bot.desk.auth.guard import CODE, CONFIRM, CSRF_FIELD, LOGIN, OIDC_LEAVE, SIGN_OUT, Guard, Refused
from bot.desk.auth.passwords import cut
from bot.desk.auth.permissions import Permission, may
from bot.desk.auth.sessions import SignedIn
from bot.desk.auth.sign_in import Auth, SignIn
from bot.desk.auth.unavailable import STORE_ERRORS, unavailable
from bot.desk.pages.facts import facts_json, page_texts
from bot.desk.pages.menu import groups_for, links_for, start_of
from bot.desk.pages.templates import PAGE_HEADERS, templates

HOME = "/desk"
LOCAL_PAGE = re.compile(r"/desk(?:/[a-z0-9-]+)*(?:#/[a-z0-9/-]*)?")


PageHandler = Callable[..., Awaitable[Response]]


async def _not_signalled(_staff_id: str) -> None:
    """Does nothing: open desks check their session only every few seconds."""


class DeskPages:
    """The handlers of the main pages, and the rendering that all page classes share."""

    def __init__(
        self,
        *,
        guard: Guard,
        auth: Auth,
        agency: Agency,
        provider: str = "",
        first_page: Callable[..., str] = lambda *_: HOME,
        secret: str = "",
        sessions_ended: Callable[[str], Awaitable[None]] = _not_signalled,
    ) -> None:
        """Stores the services; ``provider`` is the display name of the identity provider, '' if there is none.

        ``first_page(staff, typed)`` returns the first page after sign-in; ``typed`` is true if its address was typed.
        ``sessions_ended(staff_id)`` makes the account's open desks check their session at once.
        """
        self.sessions_ended = sessions_ended
        self.first_page = first_page
        self._provider, self._secret = provider, secret
        self._guard, self._auth = guard, auth
        self._agency = agency
        self._templates = templates()

    def add_to(self, router: APIRouter) -> None:
        self.serve(router, "GET", "/desk/login", self.sign_in_page)
        self.serve(router, "POST", "/desk/login", self.sign_in)
        self.serve(router, "GET", CONFIRM, self.confirm_page)
        self.serve(router, "POST", CONFIRM, self.confirm)
        self.serve(router, "POST", SIGN_OUT, self.sign_out)
        self.serve(router, "GET", "/desk/colors.css", self.colors)
        self.serve(router, "GET", HOME, self.desk)

    def serve(self, router: APIRouter, method: str, path: str, handler: PageHandler) -> None:
        """Adds a page's route, which renders Refused and store errors as an HTML page instead of JSON."""

        @wraps(handler)
        async def error_page(*args: Any, **kwargs: Any) -> Response:
            try:
                return await handler(*args, **kwargs)
            except Refused as refused:
                return self._refused_page(refused, await self._guard.signed_in(kwargs["request"]))
            except STORE_ERRORS as error:
                return self._refused_page(unavailable(error), None)

        router.add_api_route(path, error_page, methods=[method], response_model=None)

    async def sign_in_page(self, request: Request, volver: str = HOME) -> Response:
        signed_in = await self._guard.signed_in(request)
        if signed_in is not None:
            return RedirectResponse(local_page(volver), 303)
        notice = "salida" if "salida" in request.query_params else ""
        return self.login(volver=local_page(volver), notice=notice)

    async def sign_in(self, request: Request) -> Response:
        self._guard.check_origin(request)
        form = await request.form()
        email, volver = readable(str(form.get("correo", ""))), local_page(str(form.get("volver", "")))
        context = {"email": email[:254], "volver": volver}
        password = cut(str(form.get("clave", "")))
        result = await self._auth.sign_in(email, password, self._guard.browser(request))
        if result.wait_s:
            error = say("desk.entrada.demasiados", espera=wait_words(result.wait_s))
            return self.login(error, status=429, **context)
        if not result.token:
            return self.login(say("desk.entrada.rechazada"), status=401, **context)
        previous = await self._guard.signed_in(request)
        if previous is not None:
            await self._auth.browsers.end(previous.token_hash)
        return self.set_session_cookie(result, volver)

    def login(
        self, error: str = "", *, status: int = 200, email: str = "", volver: str = HOME, notice: str = ""
    ) -> Response:
        """Renders the sign-in page, with an optional ``error``; ``volver`` is the page to open after signing in."""
        values = {"error": error, "email": email, "volver": volver, "notice": notice, "provider": self._provider}
        return self.page("login.html", status=status, leave=f"{OIDC_LEAVE}?volver={quote(volver)}", **values)

    def set_session_cookie(self, result: SignIn, volver: str) -> Response:
        """Returns a response that sets the session cookie and redirects to ``volver``, or first to the 2FA page.

        HOME stands for the first page of this person.
        """
        volver = self.first_page(result) if volver == HOME and not result.awaits_code else volver
        response = RedirectResponse(f"{CODE}?volver={quote(volver)}" if result.awaits_code else volver, 303)
        self._guard.set_session_cookie(response, result.token, result.device)
        return response

    async def confirm_page(self, request: Request, volver: str = HOME) -> Response:
        return self._confirm_page(await self._guard.page(request), volver)

    async def confirm(self, request: Request) -> Response:
        """Checks the password again before a sensitive change, then redirects to the page of that change.

        If another tab confirmed first, this request has a token that is replaced, but the browser has the new one: the
        sign-in page sends it on.
        """
        if await self._guard.signed_in(request) is None:
            return RedirectResponse(
                f"{LOGIN}?volver={quote(local_page(str((await request.form()).get('volver', ''))))}", 303
            )
        signed_in, form = await self.posted(request)
        volver = str(form.get("volver", ""))
        token, refused = await self._auth.confirm(signed_in, cut(str(form.get("actual", ""))))
        if refused:
            return self._confirm_page(signed_in, volver, error=refused)
        if not token:
            return RedirectResponse(f"{LOGIN}?volver={quote(local_page(volver))}", 303)
        response = RedirectResponse(local_page(volver), 303)
        self._guard.set_session_cookie(response, token)
        return response

    async def sign_out(self, request: Request) -> Response:
        signed_in, _ = await self.posted(request)
        await self._auth.sign_out(signed_in)
        await self.sessions_ended(str(signed_in.staff.id))
        response = RedirectResponse("/desk/login?salida", 303)
        self._guard.clear_session_cookie(response)
        return response

    async def desk(self, request: Request) -> Response:
        """Renders the desk; redirects without the permission DESK, or to another first page if the address is typed."""
        signed_in = await self._guard.page(request)
        first = self.first_page(signed_in.staff, True) if request.headers.get("Sec-Fetch-Site") == "none" else HOME
        if (start := first if may(signed_in.staff, Permission.DESK) else start_of(signed_in.staff)) != HOME:
            return RedirectResponse(start, 303)
        links = [link for link in links_for(signed_in.staff) if link.path != HOME]
        texts = page_texts(self._agency)
        context: dict[str, Any] = {"t": texts, "reasons": list(HandoffReason), "signed_in": signed_in, "links": links}
        context["reassigns"] = may(signed_in.staff, Permission.REASSIGN)
        context["bans"] = may(signed_in.staff, Permission.BAN)
        context["accept"] = ",".join(f".{extension}" for extension in SENDABLE)
        return self.page("desk.html", facts=facts_json(signed_in, self._agency, self._secret), **context)

    async def colors(self, request: Request) -> Response:
        """Renders the stylesheet with the agency's color, adjusted for contrast in light and dark mode."""
        palette = Palette.from_color(self._agency.color)
        sheet = self._templates.get_template("colors.css").render(palette=palette)
        return Response(sheet, media_type="text/css", headers={"Cache-Control": "no-cache"})

    async def posted(
        self, request: Request, needs: Permission | None = None, *, fresh: bool = False, back: str = ""
    ) -> tuple[SignedIn, Any]:
        """Checks origin, session, permission and CSRF token, and returns the session and the form.

        Checks them again once the form has arrived, which may take minutes: the session or a role may have ended
        meanwhile. ``fresh`` and ``back`` are as in ``Guard.page``, whose HTTPException redirects. Also raises Refused.
        """
        self._guard.check_origin(request)
        await self._guard.page(request, needs, fresh=fresh, back=back)
        form = await request.form()
        signed_in = await self._guard.page(request, needs, fresh=fresh, back=back)
        self._guard.check_token(signed_in, str(form.get(CSRF_FIELD, "")))
        return signed_in, form

    def _confirm_page(self, signed_in: SignedIn, volver: str, *, error: str = "") -> Response:
        return self.page(
            "confirm.html",
            status=422 if error else 200,
            email=signed_in.staff.email,
            csrf=signed_in.csrf_token,
            volver=local_page(volver),
            error=say(f"desk.clave.{error}") if error else "",
            provider=self._provider,
            leave=f"{OIDC_LEAVE}?confirmar&volver={quote(local_page(volver))}",
        )

    async def missing_page(self, request: Request) -> Response:
        """Responds with 404 to an unknown path below ``/desk``: a page for browsers, JSON for other clients."""
        if "text/html" not in request.headers.get("accept", ""):
            raise HTTPException(404)
        words = area("desk")["errores"]
        signed_in = await self._guard.signed_in(request)
        detail = words["no_existe_detalle" if signed_in else "no_existe_fuera"]
        return self._message(404, words["no_existe"], detail, signed_in)

    def _refused_page(self, refused: Refused, signed_in: SignedIn | None) -> Response:
        return self._message(refused.status_code, say("desk.errores.titulo"), refused.message, signed_in)

    def _message(self, status: int, title: str, message: str, signed_in: SignedIn | None) -> Response:
        if signed_in is None:
            return self.page("message.html", status=status, signed_in=None, title=title, message=message)
        return self.sheet("message.html", signed_in, here="", status=status, title=title, message=message)

    def sheet(self, template: str, signed_in: SignedIn, *, here: str, status: int = 200, **values: Any) -> HTMLResponse:
        """Renders a page with the common layout (sheet.html): top bar and menu; ``here`` is marked in the menu."""
        return self.page(
            template,
            status=status,
            signed_in=signed_in,
            csrf=signed_in.csrf_token,
            groups=groups_for(signed_in.staff),
            at_desk=may(signed_in.staff, Permission.DESK) and not self._guard.lacks(signed_in.staff),
            here=here,
            **values,
        )

    def ask(
        self,
        request: Request,
        signed_in: SignedIn,
        form: Any,
        *,
        here: str,
        key: str,
        proofs: Mapping[str, str] | None = None,
        **facts: object,
    ) -> HTMLResponse:
        """Renders a page that asks the person to confirm the posted change.

        The text is ``desk.seguro.<key>`` with ``facts``. The page posts the same form again with the field ``seguro``;
        handlers call this method until ``is_sure``. With ``proofs``, it also asks how the requester was identified.
        """
        words = {name: text.format(**facts) for name, text in area("desk")["seguro"][key].items()}
        fields = [(name, value) for name, value in form.multi_items() if name != CSRF_FIELD and isinstance(value, str)]
        asked = {"question": words["pregunta"], "detail": words["detalle"], "yes": words["si"], "fields": fields}
        asked |= {"proofs": proofs, "action": request.url.path, "back": request.url.path}
        return self.sheet("sure.html", signed_in, here=here, **asked)

    def page(self, template: str, *, status: int = 200, **values: Any) -> HTMLResponse:
        """Renders a template as a response with PAGE_HEADERS."""
        html = self._templates.get_template(template).render(
            agency=self._agency, words=area("desk"), texts=area("mesa"), channels=_channel_names(), **values
        )
        return HTMLResponse(html, status, headers=PAGE_HEADERS)


def is_sure(form: Any) -> bool:
    """Returns whether the person has confirmed the posted change on the page of ``DeskPages.ask``."""
    return "seguro" in form


def local_page(address: str) -> str:
    """Returns ``address`` if it is a page of the desk, else HOME, so that redirects never leave this site."""
    return address if LOCAL_PAGE.fullmatch(address) else HOME


def wait_words(seconds: int) -> str:
    return say("desk.entrada.un_minuto") if (n := -(-seconds // 60)) == 1 else say("desk.entrada.minutos", n=n)


def _channel_names() -> dict[str, str]:
    return {channel.value: name_of(channel) for channel in Channel}
