"""Simulates citizens and agents whose pages use real sockets, streams and HTTP.

After an interruption they reconnect, resume, and resend unacknowledged messages with the same id.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import re
import time
from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Callable, Mapping
from typing import Any

import httpx
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import WebSocketException

from bot.core.network import trusted

PAUSE_S = 0.2
ACKNOWLEDGED_WITHIN_S = 2.0
UNKNOWN_TOKEN = "unknown_token"
TIMEOUT = httpx.Timeout(10, read=30)
CSRF = re.compile(r'"csrf": "([^"]+)"')

Event = dict[str, Any]


async def frames_of(response: httpx.Response) -> AsyncIterator[tuple[str, Any]]:
    """Yields the named server-sent events of a stream."""
    name = ""
    async for line in response.aiter_lines():
        field, _, value = line.partition(": ")
        if field == "event":
            name = value
        elif field == "data":
            yield name, json.loads(value)


class Citizen(ABC):
    """A citizen's chat page; ``events`` are the events received in the current conversation, in order.

    ``heard`` is called with each event. ``chats`` maps each conversation to its events, and ``begun`` to the monotonic
    seconds at which the page learned of it.
    """

    def __init__(self, url: str, address: str, heard: Callable[[Event], None]) -> None:
        self.url, self.address, self._heard = url, address, heard
        self.token = self.conversation = self.speaker = ""
        self.events: list[Event] = []
        self.chats: dict[str, list[Event]] = {}
        self.begun: dict[str, float] = {}
        self._news = asyncio.Event()

    @abstractmethod
    async def run(self) -> None:
        """Opens the chat and receives events until cancelled."""

    @abstractmethod
    async def say(self, message_id: str, text: str) -> None:
        """Sends a text and returns once it is acknowledged."""

    @property
    def last(self) -> str:
        return str(self.events[-1]["id"]) if self.events else "0"

    def words_of(self, author: str) -> list[str]:
        return [event["text"] for event in self.events if event["author"] == author]

    async def until(self, is_so: Callable[[], bool]) -> None:
        """Waits until the condition ``is_so`` holds, checked after each received event."""
        while not is_so():
            self._news.clear()
            await self._news.wait()

    def _handle(self, kind: str, frame: Event) -> None:
        if kind == "welcome":
            self.token, self.conversation = frame["token"], frame["conversation"]
            self.events = self.chats.setdefault(self.conversation, [])
            self.begun.setdefault(self.conversation, time.monotonic())
        elif kind == "event":
            self.events.append(frame)
            self._heard(frame)
        elif kind == "speaker":
            self.speaker = frame["speaker"]
        self._news.set()


class SocketCitizen(Citizen):
    """A citizen who uses one WebSocket for everything.

    If the server no longer knows the conversation, begins a new one, as the widget does. ``acknowledged`` maps the ids
    of messages to the monotonic seconds of their acknowledgement.
    """

    pause_s, acknowledged_within_s = PAUSE_S, ACKNOWLEDGED_WITHIN_S
    _socket: ClientConnection | None = None

    def __init__(self, url: str, address: str, heard: Callable[[Event], None]) -> None:
        super().__init__(url, address, heard)
        self.acknowledged: dict[str, float] = {}

    async def run(self) -> None:
        address = self.url.replace("http", "ws") + "/api/chat/socket"
        while True:
            with contextlib.suppress(OSError, WebSocketException):
                async with connect(address, additional_headers={"X-Forwarded-For": self.address}) as self._socket:
                    await self._greet(self._socket)
                    async for line in self._socket:
                        frame = json.loads(line)
                        if frame.get("code") == UNKNOWN_TOKEN:
                            self.token, self.events = "", []
                            await self._greet(self._socket)
                        self._received(frame)
            await asyncio.sleep(self.pause_s)

    async def _greet(self, socket: ClientConnection) -> None:
        hello = {"type": "hello", "after": self.last} | ({"token": self.token} if self.token else {})
        await socket.send(json.dumps(hello))

    def _received(self, frame: Event) -> None:
        if frame["type"] == "ack":
            self.acknowledged.setdefault(frame["id"], time.monotonic())
        self._handle(frame["type"], frame)

    async def say(self, message_id: str, text: str) -> None:
        await self.say_all({message_id: text})

    async def say_all(self, messages: Mapping[str, str]) -> None:
        """Sends several messages together, each naming its predecessor, until all are acknowledged, like the widget."""
        while unsent := [one for one in messages if one not in self.acknowledged]:
            socket = self._socket
            with contextlib.suppress(TimeoutError, OSError, WebSocketException):
                async with asyncio.timeout(self.acknowledged_within_s):
                    for before, one in zip([None, *unsent], unsent, strict=False) if socket else ():
                        message = {"type": "message", "id": one, "text": messages[one], "follows": before}
                        await socket.send(json.dumps(message))
                    await self.until(lambda: self.acknowledged.keys() >= messages.keys())
            await asyncio.sleep(0 if self.acknowledged.keys() >= messages.keys() else PAUSE_S)


class StreamCitizen(Citizen):
    """A citizen who writes by HTTP and receives server-sent events."""

    async def run(self) -> None:
        async with httpx.AsyncClient(
            verify=trusted(), base_url=self.url, headers={"X-Forwarded-For": self.address}, timeout=TIMEOUT
        ) as self._client:
            self._handle("welcome", (await self._post("/api/chat", 201)).json())
            while True:
                with contextlib.suppress(httpx.HTTPError):
                    await self._listen()
                await asyncio.sleep(PAUSE_S)

    async def _listen(self) -> None:
        headers = {"Authorization": f"Bearer {self.token}", "Last-Event-ID": self.last}
        async with self._client.stream("GET", "/api/chat/events", headers=headers) as response:
            if response.status_code == 200:
                async for name, frame in frames_of(response):
                    self._handle("event" if name == "message" else name, frame)

    async def say(self, message_id: str, text: str) -> None:
        headers = {"Authorization": f"Bearer {self.token}"}
        await self._post("/api/chat/messages", 202, json={"id": message_id, "text": text}, headers=headers)

    async def _post(self, path: str, expected: int, **request: Any) -> httpx.Response:
        while True:
            with contextlib.suppress(httpx.HTTPError):
                answer = await self._client.post(path, **request)
                if answer.status_code == expected:
                    return answer
                assert answer.status_code in {502, 503}, answer.text  # 502: from a proxy
            await asyncio.sleep(PAUSE_S)


class Agent:
    """An agent's page, which knows only what its stream sends.

    Reloads the list and its conversations only when the stream restarts. ``transcripts`` maps each of the agent's
    tickets to its events by id.
    """

    def __init__(self, url: str, name: str, address: str) -> None:
        self.name = name
        headers = {"Origin": url, "X-Forwarded-For": address}
        self._client = httpx.AsyncClient(verify=trusted(), base_url=url, headers=headers, timeout=TIMEOUT)
        self.transcripts: dict[str, dict[str, Event]] = {}
        self.connections = 0
        self._todo: asyncio.Queue[str] = asyncio.Queue()

    async def sign_in(self, email: str, password: str) -> None:
        answer = await self._client.post("/desk/login", data={"correo": email, "clave": password})
        assert answer.status_code == 303, answer.text
        token = CSRF.search((await self._client.get("/desk")).text)
        assert token
        self._client.headers["X-CSRF-Token"] = token[1]

    async def close(self) -> None:
        await self._client.aclose()

    async def run(self, wanted: Callable[[Event], bool], work: Callable[[Agent, str], Any]) -> None:
        """Claims each ticket that is ``wanted``, and calls ``work(agent, ticket)`` at each event of the ticket."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._follow(wanted))
            while ticket := await self._todo.get():
                if ticket in self.transcripts or await self._claimed(ticket):
                    await work(self, ticket)

    async def _follow(self, wanted: Callable[[Event], bool]) -> None:
        while True:
            with contextlib.suppress(httpx.HTTPError):
                async with self._client.stream("GET", "/desk/api/events") as response:
                    if response.status_code == 200:
                        async for name, frame in frames_of(response):
                            await self._hear(name, frame, wanted)
            await asyncio.sleep(PAUSE_S)

    async def _hear(self, name: str, frame: Any, wanted: Callable[[Event], bool]) -> None:
        if name == "ready":
            self.connections += 1
            await self.post("/desk/api/heartbeat")
            board = await self.get("/desk/api/tickets")
            self._look_at(board["waiting"], wanted)
            for ticket in list(self.transcripts):
                await self._read(ticket)
        elif name == "ticket" and frame["ticket"]:
            self._look_at([frame["ticket"]], wanted)
        elif name == "message" and frame["ticket"] in self.transcripts:
            self.transcripts[frame["ticket"]][frame["event"]["id"]] = frame["event"]
            self._todo.put_nowait(frame["ticket"])

    def _look_at(self, tickets: list[Event], wanted: Callable[[Event], bool]) -> None:
        for ticket in tickets:
            if ticket["state"] == "waiting" and wanted(ticket):
                self._todo.put_nowait(ticket["id"])

    async def _claimed(self, ticket: str) -> bool:
        answer = await self.post(f"/desk/api/tickets/{ticket}/claim", refused=409)
        if answer.status_code == 409:
            return False
        self.transcripts[ticket] = {}
        await self._read(ticket)
        return True

    async def _read(self, ticket: str) -> None:
        """Adds the events after the newest known one to the ticket's transcript."""
        known = self.transcripts[ticket]
        answer = await self.get(f"/desk/api/tickets/{ticket}", after=max(known, key=order, default="0"))
        for event in answer.get("events", ()):  # none of a ticket that is closed
            known[event["id"]] = event
        self._todo.put_nowait(ticket)

    def words_of(self, ticket: str, author: str) -> list[str]:
        known = self.transcripts[ticket]
        frame = (known[one] for one in sorted(known, key=order))
        return [event["text"] for event in frame if event["kind"] == "message" and event["author"] == author]

    async def reply(self, ticket: str, text: str, reply_id: str) -> None:
        body = {"reply_id": reply_id, "text": text}
        await self.post(f"/desk/api/tickets/{ticket}/replies", json=body)

    async def close_ticket(self, ticket: str) -> None:
        """Marks all messages as read and closes the ticket; ignores a refusal, which a lost response may cause."""
        newest = max(self.transcripts[ticket], key=order)
        await self.post(f"/desk/api/tickets/{ticket}/read", refused=409, json={"event_id": newest})
        await self.post(f"/desk/api/tickets/{ticket}/close", refused=409)

    async def get(self, path: str, **query: str) -> Any:
        while True:
            with contextlib.suppress(httpx.HTTPError):
                answer = await self._client.get(path, params=query)
                if answer.status_code in {200, 404}:
                    return answer.json()
                assert answer.status_code in {502, 503}, answer.text  # 502: from a proxy
            await asyncio.sleep(PAUSE_S)

    async def post(self, path: str, *, refused: int = 200, **request: Any) -> httpx.Response:
        while True:
            with contextlib.suppress(httpx.HTTPError):
                answer = await self._client.post(path, **request)
                if answer.status_code in {200, 204, refused}:
                    return answer
                assert answer.status_code in {502, 503}, answer.text  # 502: from a proxy
            await asyncio.sleep(PAUSE_S)


def order(event_id: str) -> tuple[int, int]:
    milliseconds, _, number = event_id.partition("-")
    return int(milliseconds), int(number or 0)
