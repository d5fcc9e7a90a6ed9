"""Sends browsers a page in Spanish when their request fails with an unexpected error; other clients get JSON."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from fastapi import Request
from fastapi.responses import HTMLResponse, JSONResponse, PlainTextResponse, Response

from bot.channels.web.site import Site, page_headers, render
from bot.core.logs import log
from bot.core.texts import say

DESK = "/desk"


def failed_page(site: Site) -> Callable[..., Awaitable[Response]]:
    """Returns the handler for errors that nothing else handles; the server still logs them."""
    headers = page_headers(())

    async def show(request: Request, _error: Exception) -> Response:
        if "text/html" not in request.headers.get("accept", ""):
            return JSONResponse({"detail": "Internal Server Error"}, 500)
        at_desk = request.url.path.startswith(DESK)
        try:
            return HTMLResponse(render("failed.html", site, at_desk=at_desk), 500, headers=headers)
        except Exception:  # rendering may fail for the same reason as the request
            log.exception("web: error page failed")
            return PlainTextResponse(say("widget.pagina.fallo"), 500)

    return show
