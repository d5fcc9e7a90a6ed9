"""Tests that a connection with very many WebSocket frames is closed, of whatever kind they are."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
import uvicorn
from starlette.applications import Starlette
from starlette.routing import WebSocketRoute
from starlette.websockets import WebSocket
from websockets.asyncio.client import connect
from websockets.frames import CloseCode, Frame, Opcode

from bot.app.serving import server_config
from bot.app.socket_protocol import FRAMES, LimitedFrames
from bot.core.settings import Settings
from bot.run.ports import LOOPBACK, free_port
from tests.eventually import PATIENCE_S, eventually

HEAD = b"GET / HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
HANDSHAKE = HEAD + b"Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n"
MORE_THAN_A_BUFFER = 16 * 1024 * 1024  # that the operating system keeps for a connection
CLOSED_1008 = b"\x88\x02\x03\xf0"


async def echo(socket: WebSocket) -> None:
    await socket.accept()
    async for text in socket.iter_text():
        await socket.send_text(text)


async def send_much(socket: WebSocket) -> None:
    await socket.accept()
    await socket.send_bytes(bytes(MORE_THAN_A_BUFFER))
    await socket.receive()


@pytest_asyncio.fixture
async def server() -> AsyncIterator[uvicorn.Server]:
    app = Starlette(routes=[WebSocketRoute("/", echo), WebSocketRoute("/much", send_much)])
    started = uvicorn.Server(server_config(app, Settings(HOST=LOOPBACK, PORT=free_port())))
    task = asyncio.create_task(started.serve())
    await eventually(lambda: started.started)
    yield started
    started.should_exit = True
    await task


@pytest.fixture
def port(server: uvicorn.Server) -> int:
    return server.config.port


def frames(opcode: Opcode, count: int, *, fin: bool = True) -> bytes:
    return Frame(opcode, b"", fin).serialize(mask=True) * count


async def answer_to(port: int, sent: bytes) -> bytes:
    """Opens a socket, sends bytes, and returns what the server sends until it closes the connection."""
    reader, writer = await asyncio.open_connection(LOOPBACK, port)
    writer.write(HANDSHAKE)
    async with asyncio.timeout(PATIENCE_S):
        await reader.readuntil(b"\r\n\r\n")
        writer.write(sent)
        answer = await reader.read(-1)
    writer.close()
    return answer


@pytest.mark.parametrize(
    "sent",
    [
        frames(Opcode.PING, 2 * FRAMES),
        frames(Opcode.PONG, 2 * FRAMES),
        frames(Opcode.TEXT, 1, fin=False) + frames(Opcode.CONT, 2 * FRAMES, fin=False),
    ],
    ids=["pings", "pongs", "fragments"],
)
async def test_connection_with_too_many_frames_is_closed(port: int, sent: bytes) -> None:
    assert (await answer_to(port, sent)).endswith(CLOSED_1008)


async def test_closed_connection_does_not_stay_though_its_client_reads_nothing(
    server: uvicorn.Server, port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    end = LimitedFrames._end

    def ended(self: LimitedFrames, code: CloseCode) -> None:
        self.close_timeout = 0.1
        end(self, code)

    monkeypatch.setattr(LimitedFrames, "_end", ended)
    _, writer = await asyncio.open_connection(LOOPBACK, port, limit=1)
    writer.write(HANDSHAKE.replace(b"GET /", b"GET /much", 1))
    await eventually(lambda: any(one.transport.get_write_buffer_size() for one in server.server_state.connections))
    writer.write(frames(Opcode.PING, 2 * FRAMES))
    await eventually(lambda: not server.server_state.connections)
    writer.transport.abort()


async def test_message_in_fragments_and_a_ping_are_answered(port: int) -> None:
    async with connect(f"ws://{LOOPBACK}:{port}/") as socket:
        await socket.send(["mensaje ", "en ", "partes"])
        await (await socket.ping())
        assert await socket.recv() == "mensaje en partes"
