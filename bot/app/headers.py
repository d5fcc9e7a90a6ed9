"""Adds security headers to every response, including errors and JSON; headers set by the route itself are kept."""

from __future__ import annotations

from urllib.parse import urlsplit

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

HSTS = "max-age=31536000"
SUBDOMAINS = "; includeSubDomains"
OPENER = "same-origin"
MAIN_LABELS = 2  # labels of a main domain such as «losaromos.cl»
SHARED = frozenset("co com edu gob gov mil net org".split())  # labels before the last that lengthen a main domain
# For responses that are not pages: if a browser opens one, it loads and runs nothing, and cannot be framed.
POLICY = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
DRAWING, DRAWING_POLICY = "image/svg+xml", f"{POLICY}; style-src 'unsafe-inline'"  # an SVG may style itself
REFERRER = "same-origin"
XML = frozenset({DRAWING, "application/xml"})  # the framework adds the encoding to text/* only
FIRST_ERROR = 400


def hsts_of(public_url: str) -> str:
    """Returns the value of the HSTS header (Strict-Transport-Security); '' if ``public_url`` is not https.

    The value includes subdomains if the host is itself a subdomain («chat.losaromos.cl»). The value does not include
    them if the host is the main domain or its «www», since other sites of the agency may have no https.
    """
    address = urlsplit(public_url)
    if address.scheme != "https":
        return ""
    labels = (address.hostname or "").split(".")
    main = MAIN_LABELS + (labels[-2:-1] != [] and labels[-2] in SHARED)
    own = len(labels) > main and labels[0] != "www" and not labels[-1].isdigit()
    return HSTS + SUBDOMAINS * own


class SafeHeaders:
    """An ASGI middleware for security headers; with an https ``public_url``, HSTS tells browsers to use only https."""

    def __init__(self, app: ASGIApp, *, public_url: str) -> None:
        self._app, self._hsts = app, hsts_of(public_url)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return await self._app(scope, receive, send)

        async def sending(message: Message) -> None:
            if message["type"] == "http.response.start":
                self._add(MutableHeaders(scope=message), message["status"])
            await send(message)

        await self._app(scope, receive, sending)

    def _add(self, headers: MutableHeaders, status: int) -> None:
        headers.setdefault("X-Content-Type-Options", "nosniff")
        if self._hsts:
            headers.setdefault("Strict-Transport-Security", self._hsts)
        kind = headers.get("content-type", "")
        if kind in XML:
            headers["content-type"] = f"{kind}; charset=utf-8"
        headers.setdefault("Content-Security-Policy", DRAWING_POLICY if kind.startswith(DRAWING) else POLICY)
        headers.setdefault("Referrer-Policy", REFERRER)
        if kind.startswith("text/html"):
            headers.setdefault("Cross-Origin-Opener-Policy", OPENER)
        if status >= FIRST_ERROR:
            headers.setdefault("Cache-Control", "no-store")
