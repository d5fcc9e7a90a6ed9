"""Renders the 404 page for browsers that request an unknown path."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from fastapi import Request
from fastapi.exception_handlers import http_exception_handler
from fastapi.responses import HTMLResponse, Response
from starlette.exceptions import HTTPException

from bot.channels.web.site import Site, page_headers, render

UNROUTED = "Not Found"  # Starlette's detail for an unknown path; our own 404 responses have a different one


def missing_page(site: Site) -> Callable[..., Awaitable[Response]]:
    """Returns the handler for 404 errors: it sends a page if a browser requests an unknown path, otherwise JSON."""
    headers = page_headers(site.frames)

    async def show(request: Request, error: HTTPException) -> Response:
        if error.detail != UNROUTED or "text/html" not in request.headers.get("accept", ""):
            return await http_exception_handler(request, error)
        return HTMLResponse(render("missing.html", site), status_code=404, headers=headers)

    return show
