"""Tests the chat's socket server with kosoku: 247 cases of Autobahn's WebSocket conformance suite.

The underlying library is measured too; the cases that it fails are the baseline.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import kosoku
import uvicorn
from starlette.applications import Starlette
from starlette.routing import WebSocketRoute
from starlette.websockets import WebSocket
from websockets.asyncio.server import ServerConnection, serve
from websockets.exceptions import ConnectionClosed

from bot.app.serving import server_config
from bot.core.settings import Settings
from bot.run.ports import LOOPBACK, free_port
from tests.eventually import LONG_PATIENCE_S, eventually

MASS_AND_COMPRESSION = ["9.*", "12.*", "13.*"]  # speed and memory, not conformance; minutes
CASES = 247


async def failures(port: int) -> set[str]:
    """Returns the cases that the server on ``port`` fails, each twice: a second run excludes cases with a race."""
    results = await run_cases(port, exclude_cases=MASS_AND_COMPRESSION, concurrency=4)
    assert len(results) == CASES
    failed = [one.case_id for one in results if not one.passed]
    again = await run_cases(port, cases=failed) if failed else []
    return {one.case_id for one in again if not one.passed}


async def run_cases(port: int, **which: Any) -> list[Any]:
    async with asyncio.timeout(LONG_PATIENCE_S):
        try:
            return list(await kosoku.run_fuzzingclient(f"ws://{LOOPBACK}:{port}", **which))
        except kosoku.FailureError as failed:
            return list(failed.results)


async def echo(socket: WebSocket) -> None:
    await socket.accept()
    while (frame := await socket.receive())["type"] == "websocket.receive":
        if (text := frame.get("text")) is not None:
            await socket.send_text(text)
        else:
            await socket.send_bytes(frame["bytes"])


@asynccontextmanager
async def ours() -> AsyncIterator[int]:
    port = free_port()
    app = Starlette(routes=[WebSocketRoute("/", echo)])
    server = uvicorn.Server(server_config(app, Settings(HOST=LOOPBACK, PORT=port)))
    task = asyncio.create_task(server.serve())
    await eventually(lambda: server.started)
    try:
        yield port
    finally:
        server.should_exit = True
        await task


async def echo_of_the_library(socket: ServerConnection) -> None:
    try:
        async for message in socket:
            await socket.send(message)
    except ConnectionClosed:
        pass


async def test_our_server_is_no_worse_than_the_library() -> None:
    async with serve(echo_of_the_library, LOOPBACK, 0) as library:
        baseline = await failures(library.sockets[0].getsockname()[1])
    async with ours() as port:
        found = await failures(port)
    assert found - baseline == set()
    assert len(baseline) <= 1
