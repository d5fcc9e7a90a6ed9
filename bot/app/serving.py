"""Configures uvicorn for the bot process."""

from __future__ import annotations

import asyncio

import uvicorn
from starlette.types import ASGIApp
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from bot.core.settings import Settings

GRACE_S = 3
MAX_FRAME_BYTES = 64 * 1024
REQUEST_TIMEOUT_S = 20.0


class RequestInTime(HttpToolsProtocol):
    """An HTTP protocol that closes a connection if the headers of a request are not complete within REQUEST_TIMEOUT_S.

    Otherwise a client that sends nothing, or a byte now and then, could keep a connection open forever.
    """

    _late: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._expect_request()

    def connection_lost(self, exc: Exception | None) -> None:
        self._request_came()
        super().connection_lost(exc)

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self._expect_request()

    def on_headers_complete(self) -> None:
        self._request_came()
        super().on_headers_complete()

    def _expect_request(self) -> None:
        self._request_came()
        self._late = self.loop.call_later(REQUEST_TIMEOUT_S, self.transport.close)

    def _request_came(self) -> None:
        if self._late is not None:
            self._late.cancel()
            self._late = None


def server_config(app: ASGIApp, settings: Settings) -> uvicorn.Config:
    """Builds the uvicorn configuration for a public server: no access log, no server header, small WebSocket frames.

    WebSocket frames are not compressed: they are short, and compression doubles the memory of an idle socket.
    """
    return uvicorn.Config(
        app,
        host=settings.host,
        port=settings.port,
        http=RequestInTime,
        log_level="warning",
        access_log=False,
        proxy_headers=True,
        forwarded_allow_ips=settings.trusted_proxies,
        timeout_graceful_shutdown=GRACE_S,
        server_header=False,
        ws_max_size=MAX_FRAME_BYTES,
        ws_per_message_deflate=False,
    )
