"""Serves ``/mis-datos/<token>``: the data kept about a conversation, as a page, or with ``?json`` as a download.

With ``?archivo=<id>``, it sends a file of the conversation, to which the page links.

The citizen gets the link in the chat (bot/turns/rights/dialogue.py). The link grants access by itself for an hour, so
browsers must not store the page, nor send its URL to other sites.
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
from bot.privacy.links import PATH, OwnDataLinks
from bot.privacy.personal_data import PersonalData

PRIVATE = {"Cache-Control": "no-store", "Referrer-Policy": "no-referrer", "X-Robots-Tag": "noindex"}
FILE_NAME = "mis-datos.json"


def own_data_router(site: Site, links: OwnDataLinks, data: PersonalData) -> APIRouter:
    """Builds the route; an invalid or expired link gets 404 and a page that says so."""
    router = APIRouter(include_in_schema=False)
    headers = page_headers(()) | PRIVATE

    async def own_data(request: Request, token: str) -> Response:
        conversation = links.open(token)
        if conversation is None:
            return HTMLResponse(_page(site, {}, expired=True), 404, headers=headers)
        if file_id := request.query_params.get("archivo"):
            return await _file(data, conversation, file_id)
        found = await data.export(conversation, own=True)
        if "json" not in request.query_params:
            return HTMLResponse(_page(site, found), headers=headers)
        content = json.dumps(found, ensure_ascii=False, indent=2)
        attached = {"Content-Disposition": f'attachment; filename="{FILE_NAME}"'}
        return Response(content, media_type="application/json", headers=COMMON_HEADERS | PRIVATE | attached)

    router.add_api_route(PATH + "/{token}", own_data, methods=["GET"])
    return router


async def _file(data: PersonalData, conversation: str, file_id: str) -> Response:
    found = await data.file(conversation, file_id)
    sent = await whole_file(*found, HEADERS | PRIVATE, inline=False) if found else None
    return sent or PlainTextResponse(say("canales.archivo_vencido"), 404, headers=HEADERS | PRIVATE)


def _page(site: Site, found: Mapping[str, Any], *, expired: bool = False) -> str:
    texts, view = area("derechos")["pagina"], OwnDataView(site.agency)
    return render(
        "own_data.html",
        site,
        own={key: value.format(**names(site.agency)) if key == "bajada" else value for key, value in texts.items()},
        expired=expired,
        days=view.days(found),
        groups=view.groups(found),
        files=[one for one in found.get("files", ()) if "." not in one],
    )
