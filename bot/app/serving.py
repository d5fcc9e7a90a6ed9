"""Builds the server of a bot process, and configures uvicorn for it."""

from __future__ import annotations

import asyncio

import uvicorn
from starlette.types import ASGIApp
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from bot.app.main import create_app
from bot.app.role import Role
from bot.app.services import Services
from bot.app.socket_protocol import LimitedFrames
from bot.app.stream_server import StreamServer
from bot.core.log_stream import log_in_background
from bot.core.logs import JsonLine, configure
from bot.core.outgoing.stores import checked
from bot.core.settings import Settings, load_settings
from bot.text.masking.learned.model import load as load_masking
from bot.text.masking.masking import masked_log

GRACE_S = 3
MAX_FRAME_BYTES = 64 * 1024
REQUEST_TIMEOUT_S = 20.0
MAX_HEAD_BYTES = 64 * 1024
BODY_BYTES_PER_S = 100 * 1024  # minimum upload speed: a request's body may take its length divided by this
MAX_BODY_S = 120.0  # maximum for any body, also for one without a Content-Length
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"json": {"()": JsonLine, "clean": masked_log}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "json"}},
    "loggers": {name: {"handlers": ["stderr"], "propagate": False} for name in ("uvicorn", "asyncio")},
}
TOO_LARGE = "Request header fields too large."


class RequestInTime(HttpToolsProtocol):
    """An HTTP protocol that closes a connection if a request arrives too slowly or its headers are too large.

    The headers must arrive within REQUEST_TIMEOUT_S and MAX_HEAD_BYTES. The body may take longer, depending on its
    length and BODY_BYTES_PER_S. Otherwise a slow client could keep a connection open forever, and a client that never
    ends its headers could fill the memory.
    """

    _late: asyncio.TimerHandle | None = None
    _in_head, _head_bytes = True, 0

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._expect_request()

    def connection_lost(self, exc: Exception | None) -> None:
        self._request_came()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        self._head_bytes += len(data) if self._in_head else 0
        if self._head_bytes > MAX_HEAD_BYTES and not self.transport.is_closing():
            self.send_400_response(TOO_LARGE)

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self._in_head, self._head_bytes = True, 0
        self._expect_request()

    def on_headers_complete(self) -> None:
        self._in_head = False
        if sum(len(name) + len(value) for name, value in self.headers) + len(self.url) > MAX_HEAD_BYTES:
            raise ValueError(TOO_LARGE)  # the parser reports this error, and the client gets 400
        self._expect_request(self._body_s())
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        self._request_came()
        super().on_message_complete()

    def _body_s(self) -> float:
        """Returns how many seconds the request's body may take; 0 if it has none."""
        announced = next((value for name, value in self.headers if name == b"content-length"), None)
        if announced is None:
            return MAX_BODY_S if any(name == b"transfer-encoding" for name, _ in self.headers) else 0.0
        return min(int(announced) / BODY_BYTES_PER_S, MAX_BODY_S)

    def _expect_request(self, more_s: float = 0.0) -> None:
        self._request_came()
        self._late = self.loop.call_later(REQUEST_TIMEOUT_S + more_s, self.transport.close)

    def _request_came(self) -> None:
        if self._late is not None:
            self._late.cancel()
            self._late = None


def bot_server(role: Role) -> StreamServer:
    """Builds the server of a role from the settings, and configures logging.

    Raises ValidationError, SecretsDamaged, StoreUnchecked, and the errors of ``Services.from_settings``.
    """
    settings = checked(load_settings())
    log_in_background()
    configure(settings.log_level, masked_log)
    load_masking()
    return StreamServer(server_config(create_app(Services.from_settings(settings), role), settings))


def server_config(app: ASGIApp, settings: Settings) -> uvicorn.Config:
    """Builds the uvicorn configuration for a public server: no access log, no server header.

    WebSocket frames are few, small, and not compressed: they are short, and compression doubles the memory of an idle
    socket.
    """
    return uvicorn.Config(
        app,
        host=settings.host,
        port=settings.port,
        http=RequestInTime,
        log_level="warning",
        log_config=LOGGING,
        access_log=False,
        proxy_headers=True,
        forwarded_allow_ips=settings.trusted_proxies,
        timeout_graceful_shutdown=GRACE_S,
        server_header=False,
        ws=LimitedFrames,
        ws_max_size=MAX_FRAME_BYTES,
        ws_per_message_deflate=False,
    )
