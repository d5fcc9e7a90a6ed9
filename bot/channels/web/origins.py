"""Restricts /api/chat to allowed sites: this server's own, the agency's ``sitios_del_chat`` and WIDGET_ORIGINS.

Browsers send the page's site in ``Origin``. Requests without ``Origin`` come from other programs and are allowed, since
a conversation can be read only with its token and no cookies are used.
"""

from __future__ import annotations

from collections.abc import Iterable

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import JSONResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from starlette.websockets import WebSocketClose

from bot.core.network import host_of
from bot.core.texts import say

PATH = "/api/chat"
PREFLIGHT_HEADERS = {
    "Access-Control-Allow-Methods": "GET, POST",
    "Access-Control-Allow-Headers": "Authorization, Content-Type, Last-Event-ID",
    "Access-Control-Max-Age": "3600",
}
POLICY_VIOLATION = 1008


class WidgetOrigins:
    """An ASGI middleware that refuses requests from sites other than ours and those in ``allowed``.

    ``allowed`` contains origins such as ``https://www.losaromos.example``.
    """

    def __init__(self, app: ASGIApp, *, allowed: Iterable[str]) -> None:
        self._app = app
        self._allowed = frozenset(origin.rstrip("/").lower() for origin in allowed if origin)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in {"http", "websocket"} or not scope["path"].startswith(PATH):
            return await self._app(scope, receive, send)
        headers = Headers(scope=scope)
        origin = headers.get("origin", "").lower()
        if not origin or host_of(origin) == headers.get("host", "").lower():
            return await self._app(scope, receive, _naming(send) if scope["type"] == "http" else send)
        if origin not in self._allowed:
            return await _refuse(scope, origin)(scope, receive, send)
        if scope["type"] == "websocket":
            return await self._app(scope, receive, send)
        if scope["method"] == "OPTIONS":
            answer = Response(status_code=204, headers=PREFLIGHT_HEADERS | _named(origin))
            return await answer(scope, receive, send)
        await self._app(scope, receive, _naming(send, origin))


def _refuse(scope: Scope, origin: str) -> ASGIApp:
    """Builds the refusal: a 403, readable from any site, that explains how to allow ``origin``; closes a WebSocket."""
    if scope["type"] == "websocket":
        return WebSocketClose(POLICY_VIOLATION)
    words = say("widget.errores.bad_origin", sitio=origin)
    body = {"code": "bad_origin", "text": words, "link": say("widget.etiquetas.boton")}
    return JSONResponse(body, 403, headers={"Access-Control-Allow-Origin": "*", "Vary": "Origin"})


def _named(origin: str) -> dict[str, str]:
    return {"Access-Control-Allow-Origin": origin, "Vary": "Origin"}


def _naming(send: Send, origin: str = "") -> Send:
    """Wraps ``send`` to add the CORS headers for ``origin`` to the response; if ``origin`` is '', only ``Vary``.

    So a browser that cached the response to our own page does not use it for another site.
    """

    async def naming(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            if origin:
                headers["Access-Control-Allow-Origin"] = origin
            headers.add_vary_header("Origin")
        await send(message)

    return naming
