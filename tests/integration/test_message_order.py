"""Tests that a citizen's messages are stored in order over several connections, and that none gets stuck."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Iterator
from typing import Any

import httpx
import pytest
import pytest_asyncio
from redis.asyncio import Redis
from websockets.asyncio.client import ClientConnection, connect

from bot.agency.model import Agency
from bot.channels.web.connections import open_connections
from bot.channels.web.shapes import MAX_TEXT_CHARACTERS
from bot.core.messages import Author
from bot.core.network import trusted
from tests.chat_world import ChatServer
from tests.eventually import PATIENCE_S
from tests.no_record import mailbox_of

TOTAL = 50


@pytest.fixture
def server(redis: Redis, redis_url: str, agency: Agency, monkeypatch: pytest.MonkeyPatch) -> Iterator[ChatServer]:
    for limit in ("MESSAGES_PER_CONVERSATION", "MESSAGES_PER_ADDRESS"):
        monkeypatch.setattr(f"bot.channels.web.chat_limits.{limit}", 1_000_000)
    running = ChatServer(redis_url, agency).start()
    yield running
    running.stop()


@pytest_asyncio.fixture
async def client(server: ChatServer) -> AsyncIterator[httpx.AsyncClient]:
    """Yields an HTTP client that has opened a conversation."""
    async with httpx.AsyncClient(verify=trusted(), base_url=server.url, timeout=PATIENCE_S) as opened:
        chat = (await opened.post("/api/chat")).json()
        opened.headers["Authorization"] = f"Bearer {chat['token']}"
        yield opened


def message(number: int, *, follows: bool = True, text: str = "") -> dict[str, Any]:
    """Returns a message whose text is its number; it follows the previous number unless ``follows`` is false."""
    before = {"follows": f"message-{number - 1}"} if follows and number > 1 else {}
    return {"id": f"message-{number}", "text": text or str(number)} | before


async def post(client: httpx.AsyncClient, number: int, **how: Any) -> httpx.Response:
    return await client.post("/api/chat/messages", json=message(number, **how))


async def stored(client: httpx.AsyncClient) -> list[str]:
    events = (await client.get("/api/chat/messages")).json()["events"]
    return [event["text"] for event in events if event["author"] == "citizen"]


async def hear_outcome(socket: ClientConnection) -> dict[str, Any]:
    """Returns the next acknowledgement or refusal of a message."""
    while True:
        frame: dict[str, Any] = json.loads(await socket.recv())
        if frame["type"] in {"ack", "error"}:
            return frame


async def greet(socket: ClientConnection, token: str | None = None) -> dict[str, Any]:
    await socket.send(json.dumps({"type": "hello"} | ({"token": token} if token else {})))
    welcome: dict[str, Any] = json.loads(await socket.recv())
    return welcome


async def speak(socket: ClientConnection, numbers: list[int]) -> None:
    """Sends each message twice without waiting, and resends refused ones until all are acknowledged."""
    unsent = {f"message-{number}": json.dumps({"type": "message"} | message(number)) for number in numbers}
    for text in list(unsent.values()) * 2:
        await socket.send(text)
    while unsent:
        frame = await hear_outcome(socket)
        if frame["type"] == "ack":
            unsent.pop(frame["id"], None)
        else:
            assert frame["code"] == "out_of_order"
            await socket.send(unsent.get(frame["id"], '{"type": "ping"}'))


async def test_concurrent_messages_of_two_connections_are_stored_in_order(
    server: ChatServer, redis: Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(open_connections, "FRAMES", 10_000)  # every refused message is sent again at once
    address = server.url.replace("http", "ws") + "/api/chat/socket"
    async with asyncio.timeout(PATIENCE_S), connect(address) as one, connect(address) as other:
        welcome = await greet(one)
        await greet(other, welcome["token"])
        numbers = list(range(1, TOTAL + 1))
        await asyncio.gather(speak(one, numbers[1::2]), speak(other, numbers[0::2]))
        log = await mailbox_of(redis).events(welcome["conversation"])
        said = [event.text for event in log if event.author is Author.CITIZEN]
        assert said == [str(number) for number in numbers]


async def test_message_is_stored_only_after_the_one_it_follows(client: httpx.AsyncClient) -> None:
    early = await post(client, 2)
    assert (early.status_code, early.json()["code"], await stored(client)) == (409, "out_of_order", [])
    assert [(await post(client, number)).status_code for number in (1, 2)] == [202, 202]
    assert await stored(client) == ["1", "2"]


async def test_message_without_follows_is_stored_on_arrival(client: httpx.AsyncClient) -> None:
    for number in (2, 1):
        assert (await post(client, number, follows=False)).status_code == 202
    assert await stored(client) == ["2", "1"]


async def test_permanently_refused_message_delays_no_later_one(client: httpx.AsyncClient) -> None:
    await post(client, 1)
    assert (await post(client, 2, text="a" * (MAX_TEXT_CHARACTERS + 1))).status_code == 413
    assert (await post(client, 3)).status_code == 409
    assert (await post(client, 3, follows=False)).status_code == 202
    assert (await post(client, 4)).status_code == 202
    assert await stored(client) == ["1", "3", "4"]


async def test_repeat_is_recognised_whatever_it_follows(client: httpx.AsyncClient) -> None:
    first = (await post(client, 2, follows=False)).json()
    assert (await post(client, 2)).json() == first | {"repeated": True}


@pytest.mark.parametrize("follows", ["message-1", "corto", ""])
async def test_follows_must_be_the_valid_id_of_another_message(client: httpx.AsyncClient, follows: str) -> None:
    answer = await client.post("/api/chat/messages", json=message(1) | {"follows": follows})
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid")
