"""Serves ``POST /api/chat/files``, through which citizens upload files for the staff.

The body is the file itself, so no form is parsed. Annotations are not deferred (no ``from __future__``)
for the same reason as in http.py.
"""

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request, Response

from bot.channels.web.chats import Chat, Chats, Upload
from bot.channels.web.errors import FileTooLarge
from bot.channels.web.http import NO_STORE, ChatRoute, address_of, current_of, problems
from bot.channels.web.shapes import MESSAGE_ID, Acknowledged
from bot.conversation.files import MAX_FILE_BYTES

MessageId = Annotated[str, Query(pattern=MESSAGE_ID, description="Made by the client, unique in its conversation.")]
FileName = Annotated[str, Query(min_length=1, max_length=255, description="As the citizen's device calls it.")]


class FileRoute(ChatRoute):
    """A route that accepts bodies up to the size limit of a file."""

    limit_bytes = MAX_FILE_BYTES
    too_long = FileTooLarge


def files_router(chats: Chats) -> APIRouter:
    """Builds the route ``POST /api/chat/files``."""
    router = APIRouter(prefix="/api/chat", tags=["chat"], route_class=FileRoute, max_body_size=2 * MAX_FILE_BYTES)
    Current = Annotated[Chat, Depends(current_of(chats))]

    @router.post("/files", status_code=202, responses=problems(401, 413, 422, 429, 503))
    async def post_file(
        id: MessageId, name: FileName, chat: Current, request: Request, response: Response
    ) -> Acknowledged:
        """Stores a PDF or picture for the staff; the body is the file.

        Accepted only while the citizen waits for an agent or is attended by one. The file becomes a
        message from the citizen. Agents can save it; it is deleted with the conversation.
        """
        response.headers.update(NO_STORE)
        accepted = await chats.attach(chat, id, Upload(name, await request.body()), address_of(request))
        return Acknowledged(event_id=accepted.event_id, repeated=accepted.repeated, speaker=accepted.speaker)

    return router
