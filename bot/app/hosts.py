"""Rejects requests for hosts other than PUBLIC_URL's, and warns of https requests while PUBLIC_URL is not https."""

from __future__ import annotations

from base64 import b64encode
from hashlib import sha256
from html import escape
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.responses import HTMLResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from bot.core.logs import log
from bot.core.texts import say

LOOPBACK = frozenset({"127.0.0.1", "localhost", "[::1]", ""})
CHECKS = ("/healthz", "/readyz")  # monitoring may request these under any host name
REFUSED = 421
STYLE = "body{font:1.0625rem/1.6 system-ui,sans-serif;max-width:40rem;margin:2.5rem auto;padding:0 1rem}"
STYLE_HASH = b64encode(sha256(STYLE.encode()).digest()).decode()
POLICY = f"default-src 'none'; style-src 'sha256-{STYLE_HASH}'; frame-ancestors 'none'; base-uri 'none'"
HEADERS = {"Content-Security-Policy": POLICY}
PAGE = """<!doctype html><html lang="es-CL"><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1"><meta name="color-scheme" content="light dark">
<title>{titulo}</title><style>{style}</style><h1>{titulo}</h1><p>{detalle} <a href="{url}">{url}</a></p></html>
"""


class KnownHosts:
    """An ASGI middleware that rejects requests for foreign hosts; without ``public_url`` it accepts every host.

    Loopback names, and any host name for health checks, are always accepted.
    """

    def __init__(self, app: ASGIApp, *, public_url: str) -> None:
        self._app, self._ours = app, urlsplit(public_url)
        self._warned = False

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in {"http", "websocket"}:
            return await self._app(scope, receive, send)
        if self._ours.hostname and not self._is_ours(scope):
            return await self._other_address()(scope, receive, send)
        self._warn(scope)
        await self._app(scope, receive, send)

    def _other_address(self) -> Response:
        """Returns a page that links to PUBLIC_URL and loads no other file, since that request would be rejected too."""
        ours = escape(f"{self._ours.scheme}://{self._ours.netloc}/")
        words = {key: escape(say(f"widget.otra_direccion.{key}")) for key in ("titulo", "detalle")}
        return HTMLResponse(PAGE.format(url=ours, style=STYLE, **words), REFUSED, headers=HEADERS)

    def _is_ours(self, scope: Scope) -> bool:
        host = urlsplit(f"//{Headers(scope=scope).get('host', '')}").netloc
        bare = host.rpartition(":")[0] if host.rpartition(":")[2].isdecimal() else host
        return bare.lower() in LOOPBACK | {self._ours.hostname} or scope["path"].startswith(CHECKS)

    def _warn(self, scope: Scope) -> None:
        """Logs once that an https request came in but PUBLIC_URL is not https, so that cookies lack ``Secure``."""
        if scope.get("scheme") in {"https", "wss"} and self._ours.scheme != "https" and not self._warned:
            self._warned = True
            log.warning("web: https is used but PUBLIC_URL is not https; cookies are not Secure")
