"""Renders the 404 page for browsers; other clients get JSON."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from fastapi import Request
from fastapi.exception_handlers import http_exception_handler
from fastapi.responses import HTMLResponse, Response
from starlette.exceptions import HTTPException

from bot.agency.model import Agency
from bot.channels.web.pages import page_headers, render

UNROUTED = "Not Found"  # Starlette's detail for an unknown path; our own 404 responses have a different one


def missing_page(agency: Agency, sites: tuple[str, ...] = ()) -> Callable[..., Awaitable[Response]]:
    """Returns the handler for 404 errors; ``sites`` are the origins that may show the page in a frame."""
    page, headers = render("missing.html", agency), page_headers(sites)

    async def show(request: Request, error: HTTPException) -> Response:
        if error.detail != UNROUTED or "text/html" not in request.headers.get("accept", ""):
            return await http_exception_handler(request, error)
        return HTMLResponse(page, status_code=404, headers=headers)

    return show
