"""Serves the metrics at ``GET /metrics`` on a separate port, never on the public one.

This is a minimal server instead of a web framework, so that the process's main server keeps control of signals and
logs. A request takes at most REQUEST_TIMEOUT_S; at most MAX_AT_ONCE requests are served at a time.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from http import HTTPStatus

from prometheus_client import CONTENT_TYPE_LATEST

from bot.core.logs import log
from bot.metrics.page import Page

PATH = "/metrics"
REQUEST_TIMEOUT_S = 8.0
MAX_REQUEST_BYTES = 16 * 1024
MAX_AT_ONCE = 8


@asynccontextmanager
async def exposed(page: Page, host: str, port: int) -> AsyncIterator[None]:
    """Serves ``page`` until the end of the block; with port 0, serves nothing (context manager).

    If the port is in use, logs a warning and serves nothing.
    """
    server = await _listen(page, host, port) if port else None
    try:
        yield
    finally:
        if server:
            server.close()


async def _listen(page: Page, host: str, port: int) -> asyncio.Server | None:
    at_once = 0

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal at_once
        at_once += 1
        try:
            if at_once <= MAX_AT_ONCE:
                await _serve(page, reader, writer)
        finally:
            at_once -= 1
            writer.close()

    try:
        return await asyncio.start_server(serve, host, port, limit=MAX_REQUEST_BYTES)
    except OSError as error:
        log.warning("metrics: port not available, nothing exposed", port=port, error=type(error).__name__)
        return None


async def _serve(page: Page, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Answers one request; closes the connection without an answer if the client is too slow or sends too much."""
    with suppress(OSError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):  # TimeoutError is an OSError
        async with asyncio.timeout(REQUEST_TIMEOUT_S):
            request = await reader.readuntil(b"\r\n\r\n")
            writer.write(await _response(page, request))
            await writer.drain()


async def _response(page: Page, request: bytes) -> bytes:
    method, _, rest = request.partition(b"\r\n")[0].decode("latin-1").partition(" ")
    path = rest.partition(" ")[0].partition("?")[0]
    if path != PATH:
        return _http(HTTPStatus.NOT_FOUND)
    if method not in {"GET", "HEAD"}:
        return _http(HTTPStatus.METHOD_NOT_ALLOWED)
    text = await page.text()
    return _http(HTTPStatus.OK, text) if method == "GET" else _http(HTTPStatus.OK)


def _http(status: HTTPStatus, body: bytes = b"") -> bytes:
    head = (
        f"HTTP/1.1 {status.value} {status.phrase}",
        f"Content-Type: {CONTENT_TYPE_LATEST}",
        f"Content-Length: {len(body)}",
        "Connection: close",
    )
    return "\r\n".join(head).encode() + b"\r\n\r\n" + body
