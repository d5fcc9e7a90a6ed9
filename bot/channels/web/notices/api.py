"""Streams the public notices to pages and widgets: GET /api/chat/notices.

Every visible page with the widget keeps this stream open, even while the chat is closed. While MAX_STREAMS streams are
open, or a network has too many, a new stream ends after the current notices, and the browser asks again later.
Annotations are not deferred for the same reason as in http.py.
"""

import json
from collections.abc import AsyncGenerator

from fastapi import APIRouter, Request
from sse_starlette import EventSourceResponse, ServerSentEvent

from bot.agency.model import Agency
from bot.channels.web.connections.open_connections import OpenConnections
from bot.channels.web.errors import TooManyMessages
from bot.channels.web.http import PING_S, STREAM_HEADERS, ChatRoute, address_of
from bot.channels.web.notices.shown import shown_notice
from bot.public_notices.board import NoticeBoard
from bot.public_notices.notice import PublicNotice

MAX_STREAMS = 5000  # per process; each takes a connection that a chat could use
RETRY_MS, LATER_MS = 3000, 30_000
SAMPLE = 'event: notices\ndata: [{"id":"12.1","severity":"grave","title":"Aviso urgente","text":"...", ...}]\n\n'


def notices_router(board: NoticeBoard, agency: Agency) -> APIRouter:
    """Builds ``GET /api/chat/notices``."""
    streams = Streams(board, agency)
    router = APIRouter(prefix="/api/chat", tags=["chat"], route_class=ChatRoute)

    @router.get(
        "/notices",
        response_class=EventSourceResponse,
        responses={200: {"content": {"text/event-stream": {"example": SAMPLE}}, "description": "The stream."}},
    )
    async def notices(request: Request) -> EventSourceResponse:
        """Streams the public notices that run now: all of them at once, and again whenever they change.

        Each event `notices` is a list, empty if none runs: `id`, `severity` (`info`, `important`, `grave`), `drill`
        (true or false), and, as plain Spanish text, `title`, `text`, `sectors` and `signature` (who signs it, and
        when). `parts` are the pieces of `text`, each with the number to `call` if it is a phone number, else empty.
        """
        return EventSourceResponse(streams.follow(address_of(request)), ping=PING_S, headers=STREAM_HEADERS)

    return router


class Streams:
    """The streams of this process, with a limit on how many are open."""

    def __init__(self, board: NoticeBoard, agency: Agency, most: int = MAX_STREAMS) -> None:
        self._board, self._agency, self._most = board, agency, most
        self._open, self._by_address = 0, OpenConnections()

    async def follow(self, address: str) -> AsyncGenerator[ServerSentEvent]:
        """Yields the running notices, and again whenever they change.

        Yields them only once while too many streams are open, in total or from the network of ``address``.
        """
        if self._open >= self._most:
            yield self._event(self._board.running, LATER_MS)
            return
        self._open += 1
        try:
            with self._by_address.of_address(address):
                async for running in self._board.changes():
                    yield self._event(running, RETRY_MS)
        except TooManyMessages:
            yield self._event(self._board.running, LATER_MS)
        finally:
            self._open -= 1

    def _event(self, running: tuple[PublicNotice, ...], retry_ms: int) -> ServerSentEvent:
        shown = [shown_notice(one, self._agency).to_data() for one in running]
        return ServerSentEvent(json.dumps(shown, ensure_ascii=False), event="notices", retry=retry_ms)
