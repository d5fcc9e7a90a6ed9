"""Tests that connections which never become a request are closed."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from bot.app import serving
from bot.core.settings import Settings
from bot.run.ports import LOOPBACK, free_port
from tests.eventually import PATIENCE_S, eventually

TIMEOUT_S = 0.3
REQUEST = b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"


async def slow(_request: Request) -> PlainTextResponse:
    await asyncio.sleep(2 * TIMEOUT_S)
    return PlainTextResponse("hola")


@pytest_asyncio.fixture
async def port(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[int]:
    monkeypatch.setattr(serving, "REQUEST_TIMEOUT_S", TIMEOUT_S)
    number = free_port()
    app = Starlette(routes=[Route("/", slow)])
    server = uvicorn.Server(serving.server_config(app, Settings(HOST=LOOPBACK, PORT=number)))
    task = asyncio.create_task(server.serve())
    await eventually(lambda: server.started)
    yield number
    server.should_exit = True
    await task


@pytest.mark.parametrize("sent", [b"", b"GET / HTTP/1.1\r\nHost: x\r\nX-Slow: "], ids=["nothing", "half a request"])
async def test_connection_without_a_request_is_closed(port: int, sent: bytes) -> None:
    reader, writer = await asyncio.open_connection(LOOPBACK, port)
    writer.write(sent)
    async with asyncio.timeout(PATIENCE_S):
        assert await reader.read() == b""
    writer.close()


async def test_second_request_that_never_ends_is_closed_too(port: int) -> None:
    reader, writer = await asyncio.open_connection(LOOPBACK, port)
    writer.write(REQUEST)
    async with asyncio.timeout(PATIENCE_S):
        assert (await reader.readuntil(b"hola")).startswith(b"HTTP/1.1 200")
        writer.write(REQUEST[:20])
        assert await reader.read() == b""
    writer.close()


async def test_response_may_take_its_time(port: int) -> None:
    reader, writer = await asyncio.open_connection(LOOPBACK, port)
    writer.write(REQUEST)
    async with asyncio.timeout(PATIENCE_S):
        assert (await reader.readuntil(b"hola")).startswith(b"HTTP/1.1 200")
    writer.close()
