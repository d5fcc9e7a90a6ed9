"""Rejects requests for other hosts than PUBLIC_URL's, and warns of https requests while PUBLIC_URL is not https."""

from __future__ import annotations

from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from bot.core.logs import log

LOOPBACK = frozenset({"127.0.0.1", "localhost", "[::1]", ""})
CHECKS = ("/healthz", "/readyz")  # monitoring may request these under any host name
REFUSED = 421


class KnownHosts:
    """An ASGI middleware that rejects requests for foreign hosts; without ``public_url`` it accepts every host."""

    def __init__(self, app: ASGIApp, *, public_url: str) -> None:
        self._app, self._ours = app, urlsplit(public_url)
        self._warned = False

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in {"http", "websocket"}:
            return await self._app(scope, receive, send)
        if self._ours.hostname and not self._is_ours(scope):
            return await PlainTextResponse("", REFUSED)(scope, receive, send)
        self._warn(scope)
        await self._app(scope, receive, send)

    def _is_ours(self, scope: Scope) -> bool:
        host = urlsplit(f"//{Headers(scope=scope).get('host', '')}").netloc
        bare = host.rpartition(":")[0] if host.rpartition(":")[2].isdecimal() else host
        return bare.lower() in LOOPBACK | {self._ours.hostname} or scope["path"].startswith(CHECKS)

    def _warn(self, scope: Scope) -> None:
        """Logs once that an https request came in but PUBLIC_URL is not https, so that cookies lack ``Secure``."""
        if scope.get("scheme") in {"https", "wss"} and self._ours.scheme != "https" and not self._warned:
            self._warned = True
            log.warning("web: https is used but PUBLIC_URL is not https; cookies are not Secure")
