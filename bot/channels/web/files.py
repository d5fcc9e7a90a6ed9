"""Serves the chat's files: ``POST /api/chat/files`` stores a file, ``GET /archivos/<encrypted>/<name>`` returns it.

The body of an upload is the file itself, so no form is parsed. The link to a file grants access by itself: pictures are
shown inline, even on sites that embed the chat, and documents are downloaded; the policy headers prevent scripts in a
file from running. Files are decrypted as they are sent, from the beginning. They are pictures and documents of at most
MAX_FILE_BYTES, never sound or video, so parts of a file (`Range`) are not offered. Annotations are not deferred (no
``from __future__``) for the same reason as in http.py.
"""

import asyncio
from collections.abc import Callable, Iterator, Mapping
from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, Depends, Query, Request, Response
from fastapi.responses import PlainTextResponse, StreamingResponse

from bot.channels.web.chats import Chat, Chats
from bot.channels.web.errors import FileTooLarge
from bot.channels.web.http import NO_STORE, ChatRoute, address_of, current_of, problems
from bot.channels.web.shapes import MAX_TEXT_CHARACTERS, MESSAGE_ID, Acknowledged, Problem
from bot.channels.web.uploads import Upload
from bot.conversation.file_encryption.encrypted_file import EncryptedFile, FileUnreadable
from bot.conversation.file_links import PATH, FileLinks
from bot.conversation.files import MAX_FILE_BYTES, Files, KeptFile
from bot.core.logs import log
from bot.core.texts import say

HEADERS = {
    "Cache-Control": "private, no-store",
    "X-Content-Type-Options": "nosniff",
    "X-Robots-Tag": "noindex",
    "Referrer-Policy": "no-referrer",
    "Content-Security-Policy": "sandbox; default-src 'none'",
    "Cross-Origin-Resource-Policy": "cross-origin",
}

WHOLE = {"Accept-Ranges": "none"}

Opened = tuple[int, Iterator[bytes]]  # the size in bytes, and the content in pieces
MessageId = Annotated[str, Query(pattern=MESSAGE_ID, description="Made by the client, unique in its conversation.")]
FileName = Annotated[str, Query(min_length=1, max_length=255, description="As the citizen's device calls it.")]
Caption = Annotated[str, Query(max_length=MAX_TEXT_CHARACTERS, description="What the citizen writes with the file.")]
FILE_PROBLEMS = problems(401, 422, 429, 503, 507) | {
    413: {"model": Problem, "description": f"The file is larger than {MAX_FILE_BYTES} bytes."}
}


class FileRoute(ChatRoute):
    """A route that refuses a body whose Content-Length exceeds the size limit of a file.

    A body without that header is measured once it is read (Files).
    """

    limit_bytes = MAX_FILE_BYTES
    too_long = FileTooLarge


def files_router(chats: Chats) -> APIRouter:
    """Builds the route ``POST /api/chat/files``."""
    router = APIRouter(prefix="/api/chat", tags=["chat"], route_class=FileRoute, max_body_size=2 * MAX_FILE_BYTES)
    Current = Annotated[Chat, Depends(current_of(chats))]

    @router.post("/files", status_code=202, responses=FILE_PROBLEMS)
    async def post_file(
        id: MessageId, name: FileName, chat: Current, request: Request, response: Response, caption: Caption = ""
    ) -> Acknowledged:
        """Stores a PDF or picture for the staff; the body is the file.

        The file becomes a message from the citizen, with `caption` as its text. The assistant cannot read the file;
        agents can. A picture is re-encoded without its metadata, such as the place where it was taken.
        """
        response.headers.update(NO_STORE)
        size = int(request.headers.get("content-length") or MAX_FILE_BYTES)
        upload = Upload(id, name, caption.replace("\x00", "").strip(), size, request.body)
        accepted = await chats.attach(chat, upload, address_of(request))
        return Acknowledged(event_id=accepted.event_id, repeated=accepted.repeated, speaker=accepted.speaker)

    return router


def sent_files_router(links: FileLinks, files: Files) -> APIRouter:
    """Builds the route of the files; with ``?mini``, it sends a picture's thumbnail.

    The route responds 404, in Spanish, if the link is invalid or has expired, or the file was deleted or is damaged.
    """
    router = APIRouter(include_in_schema=False)

    @router.api_route(PATH + "/{encrypted}/{name}", methods=["GET", "HEAD"], response_model=None)
    async def file(request: Request, encrypted: str, name: str, mini: str | None = None) -> Response:
        named = links.open(encrypted)
        found = await files.find(*named) if named else None
        response = await _response(*found, small=mini is not None) if found else None
        if response is None:
            return PlainTextResponse(say("canales.archivo_vencido"), 404, headers=HEADERS)
        return Response(headers=dict(response.headers)) if request.method == "HEAD" else response

    return router


async def whole_file(
    kept: KeptFile, content: EncryptedFile, headers: Mapping[str, str], *, inline: bool
) -> Response | None:
    """Builds the response with a stored file, to display with ``inline``, else to download under its name.

    Returns None if the file is damaged or gone.
    """
    quoted = quote(kept.name)
    name = f'filename="{kept.name}"' if quoted == kept.name else f"filename*=utf-8''{quoted}"
    disposition = f"{'inline' if inline else 'attachment'}; {name}"
    return await _sent(content.opened, kept.type, {**headers, "Content-Disposition": disposition})


async def small_picture(content: EncryptedFile, headers: Mapping[str, str]) -> Response | None:
    """Builds the response with the thumbnail of a stored picture; returns None if it is damaged or gone."""
    return await _sent(lambda: content.small.opened(), "image/jpeg", headers)


async def _response(kept: KeptFile, content: EncryptedFile, *, small: bool) -> Response | None:
    if small and kept.is_picture:
        return await small_picture(content, HEADERS)
    return await whole_file(kept, content, HEADERS, inline=kept.is_picture)


async def _sent(opened: Callable[[], Opened], kind: str, headers: Mapping[str, str]) -> Response | None:
    try:
        size, pieces = await asyncio.to_thread(opened)
    except (FileUnreadable, FileNotFoundError):
        log.error("files: file unreadable")
        return None
    return StreamingResponse(pieces, media_type=kind, headers={**headers, **WHOLE, "Content-Length": str(size)})
