"""Tests how connections become requests: slow, large and ambiguous ones are refused, and proxies name the client."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

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


async def slow(request: Request) -> PlainTextResponse:
    if request.method == "POST":
        await request.body()
    await asyncio.sleep(2 * TIMEOUT_S)
    return PlainTextResponse("hola")


@asynccontextmanager
async def running(app: Starlette, settings: Settings) -> AsyncIterator[None]:
    server = uvicorn.Server(serving.server_config(app, settings))
    task = asyncio.create_task(server.serve())
    await eventually(lambda: server.started)
    try:
        yield
    finally:
        server.should_exit = True
        await task


@pytest_asyncio.fixture
async def port(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[int]:
    monkeypatch.setattr(serving, "REQUEST_TIMEOUT_S", TIMEOUT_S)
    number = free_port()
    app = Starlette(routes=[Route("/", slow, methods=["GET", "POST"])])
    async with running(app, Settings(HOST=LOOPBACK, PORT=number)):
        yield number


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


async def said_to(port: int, sent: bytes) -> bytes:
    """Sends bytes and returns the complete response until the connection is closed."""
    reader, writer = await asyncio.open_connection(LOOPBACK, port)
    writer.write(sent)
    answer = b""
    with suppress(ConnectionResetError):  # the server closed while something was still being sent
        async with asyncio.timeout(PATIENCE_S):
            while part := await reader.read(1000):
                answer += part
    writer.close()
    return answer


@pytest.mark.parametrize("length", [b"Content-Length: 20", b"Transfer-Encoding: chunked"], ids=["announced", "chunked"])
async def test_body_that_never_ends_is_closed(port: int, length: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(serving, "MAX_BODY_S", 0.0)
    assert await said_to(port, b"POST / HTTP/1.1\r\nHost: x\r\n" + length + b"\r\n\r\n") == b""


async def test_complete_body_is_answered(port: int) -> None:
    head = b"POST / HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 200000\r\n\r\n"
    assert (await said_to(port, head + b"x" * 200_000)).endswith(b"hola")


@pytest.mark.parametrize(
    "sent",
    [
        b"GET / HTTP/1.1\r\nHost: x\r\nX-Large: " + b"x" * 200_000,
        b"GET / HTTP/1.1\r\nHost: x\r\n" + b"X-Many: x\r\n" * 10_000 + b"\r\n",
        b"GET /" + b"x" * 70_000 + b" HTTP/1.1\r\nHost: x\r\n\r\n",
    ],
    ids=["without an end", "many", "address"],
)
async def test_too_large_headers_are_refused(port: int, sent: bytes) -> None:
    assert b"200 OK" not in await said_to(port, sent)


@pytest.mark.parametrize(
    "lengths",
    [
        b"Content-Length: 6\r\nTransfer-Encoding: chunked",
        b"Transfer-Encoding: chunked\r\nContent-Length: 6",
        b"Content-Length: 0\r\nContent-Length: 6",
        b"Content-Length: 0, 6",
        b"Transfer-Encoding: chunked, identity",
        b"Transfer-Encoding : chunked",
        b"Content-Length: +6",
    ],
)
async def test_request_of_two_possible_lengths_is_refused(port: int, lengths: bytes) -> None:
    sent = b"POST / HTTP/1.1\r\nHost: x\r\n" + lengths + b"\r\n\r\n0\r\n\r\nGET / HTTP/1.1\r\nHost: x\r\n\r\n"
    answer = await said_to(port, sent)
    assert (answer[:12], answer.count(b"HTTP/1.1")) == (b"HTTP/1.1 400", 1)


FORWARDED = [
    ("10.0.0.1", "203.0.113.7", LOOPBACK),
    (LOOPBACK, "203.0.113.7", "203.0.113.7"),
    (LOOPBACK, "198.51.100.9, 203.0.113.7", "203.0.113.7"),
]


@pytest.mark.parametrize(
    ("trusted", "forwarded", "client"), FORWARDED, ids=["a stranger", "the proxy", "a forged address"]
)
async def test_only_a_trusted_proxy_names_the_client(trusted: str, forwarded: str, client: str) -> None:
    async def whose(request: Request) -> PlainTextResponse:
        assert request.client is not None
        return PlainTextResponse(f"[{request.client.host}]")

    app, number = Starlette(routes=[Route("/", whose)]), free_port()
    settings = Settings(HOST=LOOPBACK, PORT=number, TRUSTED_PROXIES=trusted)
    async with running(app, settings):
        head = b"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\nX-Forwarded-For: " + forwarded.encode()
        assert (await said_to(number, head + b"\r\n\r\n")).endswith(f"[{client}]".encode())
