"""Serves files that staff sent, at ``GET /archivos/<encrypted>/<name>``; the URL itself grants access.

Pictures are shown inline, even on sites that embed the chat; documents are downloaded. The policy headers prevent
scripts in a file from running.
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
    """Builds the route; it responds 404, in Spanish, if the URL is invalid or expired or the file was deleted."""
    router = APIRouter(include_in_schema=False)

    @router.api_route(PATH + "/{encrypted}/{name}", methods=["GET", "HEAD"], response_model=None)
    async def file(encrypted: str, name: str) -> Response:
        named = links.open(encrypted)
        found = await files.find(*named) if named else None
        if found is None:
            return PlainTextResponse(say("canales.archivo_vencido"), 404, headers=HEADERS)
        kept, path = found
        disposition = "inline" if kept.type.startswith("image/") else "attachment"
        return FileResponse(
            path, media_type=kept.type, filename=kept.name, content_disposition_type=disposition, headers=HEADERS
        )

    return router
