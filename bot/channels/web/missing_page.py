"""What a browser is shown for an address that does not exist; programs keep their JSON. Called by create_app()."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from fastapi import Request
from fastapi.exception_handlers import http_exception_handler
from fastapi.responses import HTMLResponse, Response
from starlette.exceptions import HTTPException

from bot.agency.model import Agency
from bot.channels.web.pages import page_headers, render

UNROUTED = "Not Found"
"""Starlette's own word for it; our refusals say something else."""


def missing_page(agency: Agency, sites: tuple[str, ...] = ()) -> Callable[..., Awaitable[Response]]:
    """A handler of 404. ``sites`` as for the pages."""
    page, headers = render("missing.html", agency), page_headers(sites)

    async def show(request: Request, error: HTTPException) -> Response:
        if error.detail != UNROUTED or "text/html" not in request.headers.get("accept", ""):
            return await http_exception_handler(request, error)
        return HTMLResponse(page, status_code=404, headers=headers)

    return show
