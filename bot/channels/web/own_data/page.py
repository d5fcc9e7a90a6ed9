"""Serves ``/mis-datos``: the data kept about a conversation, as a page or as a download, with the conversation's files.

The citizen gets the link in the chat (bot/turns/rights/dialogue.py). The link grants access by itself for an hour, so
its token is in the fragment, and the page that it opens posts the token (``static/own_data.js``). Without scripts, the
citizen pastes the link there. Browsers must not store the page with the data, nor send its address to other sites.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, PlainTextResponse, Response

from bot.channels.web.files import HEADERS, whole_file
from bot.channels.web.own_data.view import OwnDataView
from bot.channels.web.site import COMMON_HEADERS, Site, names, page_headers, render
from bot.core.texts import area, say
from bot.privacy.links import LINK_S, PATH, OwnDataLinks
from bot.privacy.personal_data import PersonalData

PRIVATE = {"Cache-Control": "no-store", "Referrer-Policy": "no-referrer", "X-Robots-Tag": "noindex"}
# The browser leaves the page once the link has expired, so that the data does not stay on the screen.
LEAVING = {"Refresh": f"{LINK_S + 5}; url={PATH}"}
FILE_NAME = "mis-datos.json"
LINK, FILE, JSON = "enlace", "archivo", "json"  # the fields of the form
MAX_BODY_BYTES = 8 * 1024


def own_data_router(site: Site, links: OwnDataLinks, data: PersonalData) -> APIRouter:
    """Builds the routes; an invalid or expired link gets 404 and a page that says so."""
    router = APIRouter(include_in_schema=False, max_body_size=MAX_BODY_BYTES)
    headers = page_headers(()) | PRIVATE

    async def opening() -> Response:
        return HTMLResponse(_page(site, {}, asks=True), headers=headers)

    async def old_link() -> Response:
        return HTMLResponse(_page(site, {}, expired=True), 404, headers=headers)

    async def own_data(request: Request) -> Response:
        form = await request.form()
        link, file_id = str(form.get(LINK, "")), str(form.get(FILE, ""))
        conversation = links.open(link)
        if conversation is None:
            return HTMLResponse(_page(site, {}, expired=True), 404, headers=headers)
        if file_id:
            return await _file(data, conversation, file_id)
        found = await data.export(conversation, own=True)
        if JSON not in form:
            return HTMLResponse(_page(site, found, link=link), headers=headers | LEAVING)
        content = json.dumps(found, ensure_ascii=False, indent=2)
        attached = {"Content-Disposition": f'attachment; filename="{FILE_NAME}"'}
        return Response(content, media_type="application/json", headers=COMMON_HEADERS | PRIVATE | attached)

    router.add_api_route(PATH, opening, methods=["GET"])
    router.add_api_route(PATH, own_data, methods=["POST"])
    router.add_api_route(PATH + "/{token}", old_link, methods=["GET"])  # as the links of earlier releases were
    return router


async def _file(data: PersonalData, conversation: str, file_id: str) -> Response:
    found = await data.file(conversation, file_id)
    sent = await whole_file(*found, HEADERS | PRIVATE, inline=False) if found else None
    return sent or PlainTextResponse(say("canales.archivo_vencido"), 404, headers=HEADERS | PRIVATE)


def _page(site: Site, found: Mapping[str, Any], *, link: str = "", asks: bool = False, expired: bool = False) -> str:
    """Renders the page: the data ``found`` for ``link``, the form for a link (``asks``), or a notice (``expired``)."""
    texts, view = area("derechos")["pagina"], OwnDataView(site.agency)
    return render(
        "own_data.html",
        site,
        own={key: value.format(**names(site.agency)) if key == "bajada" else value for key, value in texts.items()},
        expired=expired,
        asks=asks,
        link=link,
        days=view.days(found),
        groups=view.groups(found),
        files=[one for one in found.get("files", ()) if "." not in one],
    )
