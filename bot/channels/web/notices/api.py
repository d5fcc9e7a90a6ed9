"""Streams the public notices to pages and widgets: GET /api/chat/notices.

Every visible page with the widget keeps this stream open, also while the chat is closed. Annotations are not deferred
for the same reason as in http.py.
"""

import json
from collections.abc import AsyncIterator

from fastapi import APIRouter
from sse_starlette import EventSourceResponse, ServerSentEvent

from bot.agency.model import Agency
from bot.channels.web.http import PING_S, STREAM_HEADERS, ChatRoute
from bot.public_notices.board import NoticeBoard
from bot.public_notices.words import banner

RETRY_MS = 3000
SAMPLE = 'event: notices\ndata: [{"id":"12.1","severity":"grave","title":"Aviso urgente","text":"...", ...}]\n\n'


def notices_router(board: NoticeBoard, agency: Agency) -> APIRouter:
    """Builds ``GET /api/chat/notices``."""
    router = APIRouter(prefix="/api/chat", tags=["chat"], route_class=ChatRoute)

    @router.get(
        "/notices",
        response_class=EventSourceResponse,
        responses={200: {"content": {"text/event-stream": {"example": SAMPLE}}, "description": "The stream."}},
    )
    async def notices() -> EventSourceResponse:
        """Streams the public notices that run now: all of them at once, and again whenever they change.

        Each event `notices` is a list of `id`, `severity` (`info`, `important`, `grave`), `title`, `text`, `sectors`,
        `signature` (who signs it, and when) and `drill`, all plain text in Spanish. It is empty if none runs.
        """
        return EventSourceResponse(_stream(board, agency), ping=PING_S, headers=STREAM_HEADERS)

    return router


async def _stream(board: NoticeBoard, agency: Agency) -> AsyncIterator[ServerSentEvent]:
    async for running in board.changes():
        shown = [banner(one, agency).to_data() for one in running]
        yield ServerSentEvent(json.dumps(shown, ensure_ascii=False), event="notices", retry=RETRY_MS)
