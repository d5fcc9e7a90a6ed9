"""``GET /archivos/<sealed>/<name>``: a file that staff sent, for whoever has its address. Wired by create_app().

Pictures may be shown, on any page that embeds the chat; documents are saved. Nothing in a file can run.
"""

from __future__ import annotations

from fastapi import APIRouter
from fastapi.responses import FileResponse, PlainTextResponse, Response

from bot.conversation.file_links import PATH, FileLinks
from bot.conversation.files import Files
from bot.core.texts import say

HEADERS = {
    "Cache-Control": "private, no-store",
    "X-Content-Type-Options": "nosniff",
    "X-Robots-Tag": "noindex",
    "Referrer-Policy": "no-referrer",
    "Content-Security-Policy": "sandbox; default-src 'none'",
    "Cross-Origin-Resource-Policy": "cross-origin",
}


def sent_files_router(links: FileLinks, files: Files) -> APIRouter:
    """The route; 404 in words when the address is not ours, too old, or the file was deleted."""
    router = APIRouter(include_in_schema=False)

    @router.api_route(PATH + "/{encrypted}/{name}", methods=["GET", "HEAD"], response_model=None)
    async def file(encrypted: str, name: str) -> Response:
        named = links.open(encrypted)
        found = await files.find(*named) if named else None
        if found is None:
            return PlainTextResponse(say("canales.archivo_vencido"), 404, headers=HEADERS)
        kept, path = found
        how = "inline" if kept.type.startswith("image/") else "attachment"
        return FileResponse(
            path, media_type=kept.type, filename=kept.name, content_disposition_type=how, headers=HEADERS
        )

    return router
