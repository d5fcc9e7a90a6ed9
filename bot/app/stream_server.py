"""Provides a server that ends open event streams when it stops.

Without it, open streams would keep a stopping server waiting for the whole grace period.
"""

from __future__ import annotations

import asyncio
import socket

import uvicorn
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

EVENTS = "text/event-stream"
DISCONNECTED = {"type": "http.disconnect"}
LAST_CHUNK = {"type": "http.response.body", "body": b"", "more_body": False}


class StreamServer(uvicorn.Server):
    """A uvicorn server that ends its open event streams before it waits for the requests in progress.

    Browsers reopen a stream by themselves. Other requests have the configured grace period to finish.
    """

    def __init__(self, config: uvicorn.Config) -> None:
        self._streams = EventStreams(config.app)  # type: ignore[arg-type]  # never a name or a WSGI app here
        config.app = self._streams
        super().__init__(config)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self._streams.end()
        await super().shutdown(sockets)


class EventStreams:
    """A middleware that can end the open event streams; to the app, the browsers seem to have disconnected."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._ended = asyncio.Event()

    def end(self) -> None:
        self._ended.set()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return await self._app(scope, receive, send)
        response = _Response(receive, send, self._ended)
        await self._app(scope, response.receive, response.send)
        await response.complete()


class _Response:
    """The response to one request, and whether it is an event stream that is not complete."""

    def __init__(self, receive: Receive, send: Send, ended: asyncio.Event) -> None:
        self._receive, self._send, self._ended = receive, send, ended
        self._streams = False

    async def receive(self) -> Message:
        """Returns the next message; for a stream, a disconnection once ``EventStreams`` ends the streams."""
        if not self._streams:
            return await self._receive()
        arrived, ended = asyncio.ensure_future(self._receive()), asyncio.ensure_future(self._ended.wait())
        try:
            await asyncio.wait((arrived, ended), return_when=asyncio.FIRST_COMPLETED)
            return arrived.result() if arrived.done() else DISCONNECTED
        finally:
            arrived.cancel()
            ended.cancel()

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self._streams = Headers(raw=message["headers"]).get("content-type", "").startswith(EVENTS)
        elif not message.get("more_body", False):
            self._streams = False
        await self._send(message)

    async def complete(self) -> None:
        """Sends the last chunk of a stream that was ended, so that the browser sees an end rather than a failure.

        The application ends its streams, too: sse-starlette looks twice a second whether the server stops.
        """
        if self._streams:
            await self._send(LAST_CHUNK)
