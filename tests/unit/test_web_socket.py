"""Tests that the chat's socket requires a hello, survives rubbish, and waits for an unreachable Redis."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

import pytest
from fastapi import WebSocketDisconnect
from hypothesis import example, given, settings
from hypothesis import strategies as st
from redis.exceptions import ConnectionError as RedisConnectionError

from bot.channels.web import socket as module
from bot.channels.web.chats import Chat
from bot.channels.web.connections.open_connections import (
    FRAMES,
    FRAMES_WINDOW_S,
    PER_ADDRESS,
    PER_CONVERSATION,
    FrameBudget,
    OpenConnections,
)
from bot.channels.web.errors import TooManyMessages, UnknownToken
from bot.channels.web.shapes import MAX_BODY_BYTES
from bot.channels.web.socket import POLICY_VIOLATION, ChatSocket
from bot.conversation.inbox import Accepted
from bot.core.messages import Speaker
from tests.any_json import JSON, WORDS
from tests.eventually import eventually

TOKEN = "t" * 20
HELLO = {"type": "hello", "token": TOKEN}


@dataclass
class Browser:
    """Replaces starlette's WebSocket: receives ``sends`` in order, then the browser disconnects."""

    sends: list[Any]
    client: Any = field(default_factory=lambda: SimpleNamespace(host="203.0.113.7"))
    got: list[dict[str, Any]] = field(default_factory=list)
    closed: int = 0
    stays: bool = False
    gone: bool = False  # the connection broke, which the server learns as it sends

    async def accept(self) -> None: ...

    async def receive(self) -> dict[str, Any]:
        await asyncio.sleep(0)
        if self.sends:
            frame = self.sends.pop(0)
            return {"type": "websocket.receive", "text": frame if isinstance(frame, str) else json.dumps(frame)}
        if self.stays:
            await asyncio.Event().wait()
        return {"type": "websocket.disconnect", "code": 1001}

    async def send_text(self, text: str) -> None:
        self.got.append(json.loads(text))

    async def close(self, code: int) -> None:
        if self.gone:
            raise WebSocketDisconnect(1006)
        self.closed = code


@dataclass
class Chats:
    """Replaces Chats; ``events`` are sent together, and an error among them is raised once."""

    events: list[Any] = field(default_factory=list)
    accepts: Exception | None = None
    asked_after: list[str] = field(default_factory=list)
    signals: list[Any] = field(default_factory=list)

    async def find(self, token: str) -> Chat:
        if token != TOKEN:
            raise UnknownToken()
        return Chat(token, "c", Speaker.ASSISTANT)

    async def open(self, _address: str) -> Chat:
        return Chat("n" * 20, "new", Speaker.ASSISTANT)

    async def accept(self, _chat: Chat, incoming: Any, _address: str) -> Accepted:
        if self.accepts:
            raise self.accepts
        return Accepted("5-0", False, Speaker.ASSISTANT)

    async def signal(self, _chat: Chat, signal: Any) -> None:
        self.signals.append((signal.type, signal.event_id))

    async def follow(self, _chat: Chat, after: str) -> AsyncIterator[dict[str, Any]]:
        self.asked_after.append(after)
        while self.events:
            one = self.events.pop(0)
            if isinstance(one, Exception):
                raise one
            yield one
        await asyncio.Event().wait()


async def served(*sends: Any, chats: Chats | None = None) -> list[dict[str, Any]]:
    browser = Browser(list(sends))
    await ChatSocket(browser, chats or Chats(), OpenConnections()).serve()  # type: ignore[arg-type]
    return browser.got


def codes(got: list[dict[str, Any]]) -> list[str]:
    return [one.get("code", one["type"]) for one in got]


@pytest.mark.parametrize(
    "rubbish",
    ["", "no es json", "[]", "7", "null", '"hello"', "[" * 10_000, "9" * 5000, '{"type": "hello"', "\x00"],
)
async def test_rubbish_before_the_hello_is_refused_and_a_hello_still_works(rubbish: str) -> None:
    assert codes(await served(rubbish, HELLO)) == ["invalid", "welcome"]


async def test_nothing_works_before_the_hello() -> None:
    message = {"type": "message", "id": "12345678", "text": "hola"}
    assert codes(await served(message, {"type": "ping"}, HELLO)) == ["hello_first", "hello_first", "welcome"]


async def test_unknown_token_opens_nothing() -> None:
    assert codes(await served({"type": "hello", "token": "x" * 20})) == ["unknown_token"]
    assert codes(await served({"type": "hello", "token": "short"})) == ["invalid"]


async def test_missing_token_opens_a_new_conversation() -> None:
    (welcome,) = await served({"type": "hello"})
    assert (welcome["conversation"], welcome["token"]) == ("new", "n" * 20)


async def test_client_without_a_hello_is_disconnected(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "HELLO_TIMEOUT_S", 0.01)
    browser = Browser([], stays=True)
    await ChatSocket(browser, Chats(), OpenConnections()).serve()  # type: ignore[arg-type]
    assert (browser.got, browser.closed) == ([], POLICY_VIOLATION)


async def test_client_that_left_before_it_was_disconnected_is_no_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "HELLO_TIMEOUT_S", 0.01)
    browser = Browser([], stays=True, gone=True)
    await ChatSocket(browser, Chats(), OpenConnections()).serve()  # type: ignore[arg-type]
    assert browser.closed == 0


async def test_message_is_acknowledged_with_its_own_id() -> None:
    got = await served(HELLO, {"type": "message", "id": "12345678", "text": "hola"})
    assert got[1] == {"type": "ack", "id": "12345678", "event_id": "5-0", "repeated": False, "speaker": "assistant"}


async def test_refusal_names_the_message_and_the_connection_stays() -> None:
    chats = Chats(accepts=TooManyMessages())
    got = await served(HELLO, {"type": "message", "id": "12345678", "text": "a"}, {"type": "ping"}, chats=chats)
    assert (got[1]["code"], got[1]["id"], got[2]["type"]) == ("too_many", "12345678", "pong")


@pytest.mark.parametrize("id", [7, None, "ñ" * 8, ["12345678"], "\ud800" * 8])
async def test_invalid_id_is_not_repeated(id: Any) -> None:
    got = await served(HELLO, {"type": "message", "id": id, "text": "a"})
    assert codes(got) == ["welcome", "invalid"]
    assert "id" not in got[1]


async def test_oversized_message_is_refused_unread() -> None:
    assert codes(await served(HELLO, "x" * (MAX_BODY_BYTES + 1), "x" * MAX_BODY_BYTES)) == [
        "welcome",
        "too_long",
        "invalid",
    ]


async def test_typing_and_reading_are_passed_on_and_not_answered() -> None:
    chats = Chats()
    got = await served(HELLO, {"type": "typing"}, {"type": "read", "event_id": "4-0"}, {"type": "what"}, chats=chats)
    assert chats.signals == [("typing", "0"), ("read", "4-0")]
    assert codes(got) == ["welcome", "invalid"]


async def test_redis_outage_is_sent_once_and_events_resume_after_the_last(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(module, "REDIS_PAUSE_S", 0.0)
    away = RedisConnectionError("10.0.0.1")
    chats = Chats([{"type": "event", "id": "3-0"}, away, away, {"type": "event", "id": "4-0"}, {"type": "speaker"}])
    browser = Browser([HELLO | {"after": "2-0"}], stays=True)
    serving = asyncio.create_task(ChatSocket(browser, chats, OpenConnections()).serve())  # type: ignore[arg-type]
    await eventually(lambda: not chats.events and len(browser.got) >= 5)
    serving.cancel()
    await asyncio.gather(serving, return_exceptions=True)
    assert codes(browser.got) == ["welcome", "event", "unavailable", "event", "speaker"]
    assert chats.asked_after == ["2-0", "3-0", "3-0"]


async def test_browser_that_disconnects_during_a_send_breaks_nothing() -> None:
    class Gone(Browser):
        async def send_text(self, text: str) -> None:
            if self.got:
                raise WebSocketDisconnect(1006)
            await super().send_text(text)

    browser = Gone([HELLO, {"type": "ping"}], stays=True)
    await ChatSocket(browser, Chats(), OpenConnections()).serve()  # type: ignore[arg-type]
    assert codes(browser.got) == ["welcome"]


async def test_socket_with_more_frames_than_a_page_sends_is_closed() -> None:
    browser = Browser([HELLO, *[{"type": "ping"}] * FRAMES])
    await ChatSocket(browser, Chats(), OpenConnections()).serve()  # type: ignore[arg-type]
    assert browser.closed == 1013
    assert codes(browser.got).count("pong") == FRAMES - 1


@pytest.mark.parametrize(("host", "closed"), [("203.0.113.7", 1013), ("203.0.113.8", 0), ("127.0.0.1", 0)])
async def test_sockets_of_an_address_are_limited(host: str, closed: int) -> None:
    connections = OpenConnections()
    with ExitStack() as stack:
        for _ in range(PER_ADDRESS):
            stack.enter_context(connections.of_address("203.0.113.7"))
        browser = Browser([HELLO], client=SimpleNamespace(host=host))
        await ChatSocket(browser, Chats(), connections).serve()  # type: ignore[arg-type]
    assert browser.closed == closed
    assert codes(browser.got) == (["too_many_pages"] if closed else ["welcome"])


async def test_sockets_of_a_conversation_are_limited_until_they_close() -> None:
    connections = OpenConnections()
    browsers = [Browser([HELLO]), Browser([HELLO])]
    with ExitStack() as stack:
        for _ in range(PER_CONVERSATION):
            stack.enter_context(connections.of_conversation("c"))
        await ChatSocket(browsers[0], Chats(), connections).serve()  # type: ignore[arg-type]
    await ChatSocket(browsers[1], Chats(), connections).serve()  # type: ignore[arg-type]
    assert [one.closed for one in browsers] == [1013, 0]
    assert [codes(one.got) for one in browsers] == [["too_many_pages"], ["welcome"]]


def test_frames_are_allowed_again_after_a_minute() -> None:
    now = 0.0
    budget = FrameBudget(lambda: now)
    assert [budget.takes_one() for _ in range(FRAMES + 1)] == [True] * FRAMES + [False]
    now = FRAMES_WINDOW_S
    assert budget.takes_one()


@settings(max_examples=60)
@given(st.lists(JSON.map(json.dumps) | WORDS | st.just('{"type": "message", "id": "\\ud800"}'), max_size=4))
@example(["[" * 60_000])
async def test_frames_of_a_socket_are_answered_or_refused(frames: list[str]) -> None:
    browser = Browser([HELLO, *frames])
    await ChatSocket(browser, Chats(), OpenConnections()).serve()  # type: ignore[arg-type]
    assert browser.got[0]["type"] == "welcome"
