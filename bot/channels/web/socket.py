"""Serves the web chat's WebSocket /api/chat/socket, which offers the functions of the HTTP API in one connection.

The client sends ``{"type": "hello", "token"?, "after"?}`` within ten seconds and gets ``{"type": "welcome", "token",
"conversation", "speaker"}``, then the events after ``after``. It sends ``{"type": "message", "id", "text"|"button"}``
and gets ``{"type": "ack", "id", "event_id", "repeated", "speaker"}`` once the message is stored. A message sent before
the previous one is acknowledged carries the previous message's id in ``"follows"`` (see Incoming in shapes.py).
``{"type": "typing"}`` and ``{"type": "read", "event_id"}`` are shown to the staff and get no response; ``{"type":
"ping"}`` gets ``{"type": "pong"}``. An error is ``{"type": "error", "code", "text", "id"?}`` and leaves the connection
open, so that no message is lost.

The server closes the socket if the hello is late, or if there are too many frames; and instead of a welcome, after the
error ``too_many_pages``, if there are too many connections.
"""

from __future__ import annotations

import asyncio
import json
from contextlib import aclosing, suppress
from typing import Any

from fastapi import APIRouter, WebSocket, WebSocketDisconnect
from pydantic import ValidationError
from redis.exceptions import RedisError

from bot.channels.web.chats import Chat, Chats
from bot.channels.web.connections.open_connections import FrameBudget, OpenConnections
from bot.channels.web.errors import (
    ChatRefused,
    ChatUnavailable,
    HelloFirst,
    Invalid,
    TooLong,
    TooManyMessages,
    TooManyPages,
    UnknownToken,
    problem,
    refusal_of,
)
from bot.channels.web.shapes import MAX_BODY_BYTES, Hello, Incoming, Signal
from bot.core.errors.base import PermanentError
from bot.core.logs import log

HELLO_TIMEOUT_S = 10
REDIS_PAUSE_S = 1.0
POLICY_VIOLATION, TRY_AGAIN_LATER = 1008, 1013


def socket_router(chats: Chats, connections: OpenConnections) -> APIRouter:
    """Builds the WebSocket route."""
    router = APIRouter()

    @router.websocket("/api/chat/socket")
    async def chat_socket(socket: WebSocket) -> None:
        await ChatSocket(socket, chats, connections).serve()

    return router


class TooManyFrames(PermanentError):
    """A socket received more frames than a page sends."""


class ChatSocket:
    """The connection of one browser, from its hello until it disconnects."""

    def __init__(self, socket: WebSocket, chats: Chats, connections: OpenConnections) -> None:
        self._socket = socket
        self._connections, self._frames = connections, FrameBudget()
        self._address = socket.client.host if socket.client else ""
        self._chats = chats
        self._last = "0"

    async def serve(self) -> None:
        await self._socket.accept()
        try:
            with self._connections.of_address(self._address):
                async with asyncio.timeout(HELLO_TIMEOUT_S):
                    chat = await self._wait_for_hello()
                with self._connections.of_conversation(chat.conversation):
                    await self._welcome(chat)
                    await self._converse(chat)
        except TooManyMessages:
            await self._turn_away()
        except TooManyFrames:
            await self._close(TRY_AGAIN_LATER)
        except TimeoutError:
            await self._close(POLICY_VIOLATION)
        except (WebSocketDisconnect, RuntimeError):
            log.debug("web: socket closed")

    async def _turn_away(self) -> None:
        """Says that there are too many connections; a page that was not welcomed waits longer each time."""
        with suppress(WebSocketDisconnect, RuntimeError):
            await self._refuse(TooManyPages(), {})
        await self._close(TRY_AGAIN_LATER)

    async def _close(self, code: int) -> None:
        with suppress(WebSocketDisconnect, RuntimeError):  # the client left meanwhile
            await self._socket.close(code)

    async def _wait_for_hello(self) -> Chat:
        """Waits for a valid hello; after an invalid hello, sends an error and lets the client try again."""
        while True:
            received: dict[str, Any] = {}
            try:
                received = await self._receive()
                if received.get("type") != "hello":
                    raise HelloFirst()
                return await self._greeted(Hello.model_validate(received))
            except (ValidationError, ChatRefused, RedisError) as error:
                await self._refuse(error, received)

    async def _greeted(self, hello: Hello) -> Chat:
        chat = await (self._chats.find(hello.token) if hello.token else self._chats.open(self._address))
        self._last = hello.after
        return chat

    async def _welcome(self, chat: Chat) -> None:
        await self._send(type="welcome", token=chat.token, conversation=chat.conversation, speaker=chat.speaker)

    async def _converse(self, chat: Chat) -> None:
        """Receives and sends frames concurrently, until receiving or sending ends."""
        tasks = [asyncio.create_task(self._listen(chat)), asyncio.create_task(self._send_frames(chat))]
        try:
            done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            done.pop().result()
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _listen(self, chat: Chat) -> None:
        while True:
            received: dict[str, Any] = {}
            try:
                received = await self._receive()
                await self._handle(chat, received)
            except UnknownToken:  # erased meanwhile; the page is told when it connects again, and opens a new chat
                return await self._close(TRY_AGAIN_LATER)
            except (ValidationError, ChatRefused, RedisError) as error:
                await self._refuse(error, received)

    async def _handle(self, chat: Chat, received: dict[str, Any]) -> None:
        match received.get("type"):
            case "ping":
                await self._send(type="pong")
            case "message":
                incoming = Incoming.model_validate(received)
                accepted = await self._chats.accept(chat, incoming, self._address)
                await self._send(type="ack", id=incoming.id, **vars(accepted))
            case "typing" | "read":
                await self._chats.signal(chat, Signal.model_validate(received))
            case _:
                raise Invalid()

    async def _send_frames(self, chat: Chat) -> None:
        """Sends the conversation's frames; if Redis fails, sends one error and retries from the last event sent."""
        error_sent = False
        while True:
            try:
                async with aclosing(self._chats.follow(chat, self._last)) as conversation:
                    async for frame in conversation:
                        self._last = frame.get("id", self._last)
                        error_sent = False
                        await self._send(**frame)
            except RedisError as error:
                if not error_sent:
                    await self._refuse(error, {})
                error_sent = True
                await asyncio.sleep(REDIS_PAUSE_S)

    async def _receive(self) -> dict[str, Any]:
        """Receives a JSON object.

        Raises Invalid, TooLong, TooManyFrames, or WebSocketDisconnect if the browser has disconnected.
        """
        frame = await self._socket.receive()
        if frame["type"] == "websocket.disconnect":
            raise WebSocketDisconnect(frame.get("code", 1000))
        if not self._frames.takes_one():
            raise TooManyFrames()
        text = frame.get("text") or ""
        if len(text) > MAX_BODY_BYTES:
            raise TooLong()
        try:
            received = json.loads(text)
        except (ValueError, RecursionError) as error:
            raise Invalid() from error
        if not isinstance(received, dict):
            raise Invalid()
        return received

    async def _refuse(self, error: ValidationError | ChatRefused | RedisError, received: dict[str, Any]) -> None:
        refused = _refusal(error)
        about = {"id": received["id"]} if isinstance(received.get("id"), str) and received["id"].isascii() else {}
        await self._send(type="error", **problem(refused), **about)

    async def _send(self, **message: Any) -> None:
        await self._socket.send_text(json.dumps(message, ensure_ascii=False))


def _refusal(error: ValidationError | ChatRefused | RedisError) -> ChatRefused | ChatUnavailable:
    if isinstance(error, ChatRefused):
        return error
    if isinstance(error, ValidationError):
        return refusal_of(error)
    log.warning("web: redis unavailable on socket", error=type(error).__name__)
    return ChatUnavailable()
