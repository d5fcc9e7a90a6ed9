"""Tests that a stopping server ends its open event streams, and lets other requests finish."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx
import uvicorn
from fastapi import FastAPI

from bot.app.stream_server import StreamServer
from bot.channels.web.notices.api import notices_router
from bot.public_notices.board import NoticeBoard
from bot.run.ports import LOOPBACK, free_port
from tests.eventually import PATIENCE_S, eventually
from tests.faq_files import agency


@asynccontextmanager
async def running(app: FastAPI) -> AsyncIterator[tuple[StreamServer, httpx.AsyncClient]]:
    """Runs a server that waits without a limit for its requests; yields it and a client."""
    port = free_port()
    server = StreamServer(uvicorn.Config(app, host=LOOPBACK, port=port, log_level="warning", lifespan="off"))
    task = asyncio.create_task(server.serve())
    await eventually(lambda: server.started)
    async with httpx.AsyncClient(base_url=f"http://{LOOPBACK}:{port}", timeout=PATIENCE_S) as client:
        try:
            yield server, client
        finally:
            async with asyncio.timeout(PATIENCE_S):
                await task


async def test_stopping_server_ends_an_open_stream_by_itself() -> None:
    app = FastAPI()
    app.include_router(notices_router(NoticeBoard(), agency()))
    async with running(app) as (server, client), client.stream("GET", "/api/chat/notices") as response:
        lines = response.aiter_lines()
        await anext(lines)
        server.should_exit = True
        rest = [line async for line in lines]  # fails if the connection is closed within the response
    assert rest == ["data: []", "retry: 3000", ""]


async def test_stopping_server_lets_another_request_finish() -> None:
    app, asked, may_end = FastAPI(), asyncio.Event(), asyncio.Event()

    @app.get("/")
    async def answer() -> str:
        asked.set()
        await may_end.wait()
        return "hola"

    async with running(app) as (server, client):
        request = asyncio.create_task(client.get("/"))
        await asked.wait()
        server.should_exit = True
        await eventually(lambda: not server.servers[0].is_serving())
        may_end.set()
        assert (await request).json() == "hola"
