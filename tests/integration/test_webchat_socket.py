"""Tests the chat's socket against real Valkey: dropped connections lose and duplicate nothing."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from redis.asyncio import Redis
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

from bot.agency.model import Agency
from bot.channels.web.chat_limits import MESSAGES_PER_CONVERSATION
from bot.core.messages import Author, Channel, CitizenMessage, Reply
from bot.run.part import Running
from bot.run.ports import free_port
from bot.run.valkey import valkey_part, valkey_url
from bot.store import keys
from bot.tickets.ticket import StaffRef, Ticket
from bot.tickets.tickets import Tickets
from bot.tickets.transitions import Transitions
from tests.chat_world import ChatServer
from tests.eventually import PATIENCE_S
from tests.no_record import mailbox_of
from tests.parts import patient

ALLOWED = "https://www.losaromos.example"
CAMILA, DIEGO = StaffRef("1", "Camila"), StaffRef("2", "Diego")


@pytest.fixture
def server(redis: Redis, redis_url: str, agency: Agency) -> Iterator[ChatServer]:
    running = ChatServer(redis_url, agency, origins=(ALLOWED,)).start()
    yield running
    running.stop()


def dial(server: ChatServer, **options: Any) -> connect:
    return connect(server.url.replace("http", "ws") + "/api/chat/socket", **options)


async def say(socket: ClientConnection, **message: Any) -> None:
    await socket.send(json.dumps(message))


async def hear(socket: ClientConnection, kind: str) -> dict[str, Any]:
    """Returns the next message of this kind, skipping others."""
    async with asyncio.timeout(PATIENCE_S):
        while True:
            message: dict[str, Any] = json.loads(await socket.recv())
            if message["type"] == kind:
                return message


async def greet(socket: ClientConnection, **hello: Any) -> dict[str, Any]:
    await say(socket, type="hello", **hello)
    return await hear(socket, "welcome")


async def hear_events(socket: ClientConnection, last_text: str) -> list[dict[str, Any]]:
    events = [await hear(socket, "event")]
    while events[-1]["text"] != last_text:
        events.append(await hear(socket, "event"))
    return events


async def test_whole_exchange_works(server: ChatServer, agency: Agency) -> None:
    async with dial(server) as socket:
        welcome = await greet(socket)
        assert (len(welcome["token"]), welcome["speaker"]) == (43, "assistant")
        assert (await hear(socket, "event"))["text"] == agency.say("bienvenida")
        assert await hear(socket, "speaker") == {"type": "speaker", "speaker": "assistant"}
        await say(socket, type="message", id="message-1", text="hola")
        ack = await hear(socket, "ack")
        assert (ack["id"], ack["repeated"], ack["speaker"]) == ("message-1", False, "assistant")
        assert (await hear_events(socket, "eco: hola"))[-1]["source"]["title"] == "ChileAtiende"
        await say(socket, type="ping")
        assert await hear(socket, "pong") == {"type": "pong"}


async def test_repeated_disconnects_lose_and_double_nothing(server: ChatServer, redis: Redis) -> None:
    seen: list[str] = []
    last, token, conversation = "0", None, ""
    total = 120

    async def write() -> None:
        inbox = mailbox_of(redis)
        for number in range(total):
            await inbox.accept(CitizenMessage(conversation, Channel.WEB, f"message-{number}", f"n{number}", 0))
            await asyncio.sleep(0.005)

    writing: asyncio.Task[None] | None = None
    while f"n{total - 1}" not in seen:
        async with dial(server, max_queue=None) as socket:  # with a full queue of unread events it closes 10 s late
            welcome = await greet(socket, token=token, after=last)
            token, conversation = welcome["token"], welcome["conversation"]
            writing = writing or asyncio.create_task(write())
            for _ in range(7):
                event = await hear(socket, "event")
                last = event["id"]
                seen.append(event["text"])
                if event["text"] == f"n{total - 1}":
                    break
    assert writing is not None
    await writing
    assert [text for text in seen if text.startswith("n")] == [f"n{number}" for number in range(total)]


async def test_two_tabs_of_one_chat_see_the_same(server: ChatServer) -> None:
    async with dial(server) as one, dial(server) as other:
        token = (await greet(one))["token"]
        await greet(other, token=token)
        await say(one, type="message", id="message-1", text="hola")
        first, second = await hear_events(one, "eco: hola"), await hear_events(other, "eco: hola")
        assert [event["id"] for event in first] == [event["id"] for event in second]


async def test_message_resent_after_a_lost_ack_is_stored_once(server: ChatServer) -> None:
    async with dial(server) as socket:
        token = (await greet(socket))["token"]
        await say(socket, type="message", id="message-1", text="hola")
        first = await hear(socket, "ack")
    async with dial(server) as socket:
        await greet(socket, token=token)
        await say(socket, type="message", id="message-1", text="hola")
        assert await hear(socket, "ack") == first | {"repeated": True}


async def test_unknown_token_is_refused_and_a_new_chat_can_begin(server: ChatServer) -> None:
    async with dial(server) as socket:
        await say(socket, type="hello", token="x" * 43)
        assert (await hear(socket, "error"))["code"] == "unknown_token"
        assert (await greet(socket))["type"] == "welcome"


@pytest.mark.parametrize(
    ("sent", "code"),
    [
        ('{"type": "message", "id": "message-1", "text": "hola"}', "hello_first"),
        ("no es json", "invalid"),
        ("[" * 30_000, "invalid"),
        ('{"type": "hello", "after": "ayer"}', "invalid"),
        ('{"type": "hello", "token": "\\ud800"}', "invalid"),
    ],
)
async def test_bad_hello_is_answered_and_may_be_repeated(server: ChatServer, sent: str, code: str) -> None:
    async with dial(server) as socket:
        await socket.send(sent)
        assert (await hear(socket, "error"))["code"] == code
        await greet(socket)


@pytest.mark.parametrize(
    ("message", "code"),
    [
        ({"type": "message", "id": "message-1", "text": "a" * 4001}, "too_long"),
        ({"type": "message", "id": "message-1", "text": ""}, "invalid"),
        ({"type": "message", "id": "message-1"}, "invalid"),
        ({"type": "baile"}, "invalid"),
    ],
)
async def test_bad_message_leaves_the_connection_open(server: ChatServer, message: dict[str, Any], code: str) -> None:
    async with dial(server) as socket:
        await greet(socket)
        await say(socket, **message)
        error = await hear(socket, "error")
        assert (error["code"], error.get("id")) == (code, message.get("id"))
        await say(socket, type="message", id="message-2", text="hola")
        assert (await hear(socket, "ack"))["id"] == "message-2"


async def test_too_many_messages_are_refused_with_their_id(server: ChatServer) -> None:
    async with dial(server) as socket:
        await greet(socket)
        for number in range(MESSAGES_PER_CONVERSATION + 1):
            await say(socket, type="message", id=f"message-{number}", text="x")
        error = await hear(socket, "error")
        assert (error["code"], error["id"]) == ("too_many", f"message-{MESSAGES_PER_CONVERSATION}")


async def test_citizen_sees_who_answers_but_not_the_ticket(server: ChatServer, redis: Redis) -> None:
    async with dial(server) as socket:
        await greet(socket)
        await hear(socket, "speaker")
        await say(socket, type="message", id="message-1", text="persona")
        assert (await hear(socket, "speaker"))["speaker"] == "waiting"
        tickets = Tickets(redis)
        ticket = (await tickets.waiting())[0]
        await tickets.claim(ticket.id, CAMILA, Reply("Te atiende Camila.", author=Author.SYSTEM))
        assert (await hear(socket, "speaker"))["speaker"] == "staff"
        await tickets.reply(ticket.id, CAMILA, "<b>Hola</b>", "r1")
        event = (await hear_events(socket, "<b>Hola</b>"))[-1]
        assert (event["author"], event["name"], event["html"]) == ("staff", "Camila", "&lt;b&gt;Hola&lt;/b&gt;")


async def frames_until(socket: ClientConnection, last_text: str) -> list[dict[str, Any]]:
    """Returns all frames up to the one with ``last_text``."""
    async with asyncio.timeout(PATIENCE_S):
        frames = [json.loads(await socket.recv())]
        while frames[-1].get("text") != last_text:
            frames.append(json.loads(await socket.recv()))
    return frames


def speakers(frames: list[dict[str, Any]]) -> list[str]:
    return [frame["speaker"] for frame in frames if frame["type"] == "speaker"]


async def awaits_a_call(socket: ClientConnection, redis: Redis, due_ms: int) -> Ticket:
    """Creates a citizen with a pending call-back whom the assistant answers again; returns the ticket."""
    await greet(socket)
    await hear(socket, "speaker")
    await say(socket, type="message", id="message-1", text="persona")
    assert (await hear(socket, "speaker"))["speaker"] == "waiting"
    (waiting,) = await Tickets(redis).waiting()
    ticket = await Tickets(redis).claim(waiting.id, CAMILA, Reply("Te atiende Camila.", author=Author.SYSTEM))
    assert (await hear(socket, "speaker"))["speaker"] == "staff"
    await Transitions(redis).schedule_callback(ticket.id, CAMILA, due_ms)
    assert (await hear(socket, "speaker"))["speaker"] == "assistant"
    return ticket


async def test_claimed_call_leaves_the_citizen_with_the_assistant(server: ChatServer, redis: Redis) -> None:
    async with dial(server) as socket:
        ticket = await awaits_a_call(socket, redis, due_ms=2**45)
        await Tickets(redis).claim(ticket.id, CAMILA, Reply("Te atiende Camila.", author=Author.SYSTEM))
        await say(socket, type="message", id="message-2", text="hola")
        assert speakers(await frames_until(socket, "eco: hola")) == []


async def test_due_call_leaves_the_citizen_with_the_assistant(server: ChatServer, redis: Redis) -> None:
    async with dial(server) as socket:
        ticket = await awaits_a_call(socket, redis, due_ms=1)
        assert await Transitions(redis).enqueue_due_callback(ticket.id)
        await say(socket, type="message", id="message-2", text="hola")
        assert speakers(await frames_until(socket, "eco: hola")) == []


async def test_ended_call_leaves_the_citizen_with_the_attending_agent(server: ChatServer, redis: Redis) -> None:
    async with dial(server) as socket:
        tickets, call = Tickets(redis), await awaits_a_call(socket, redis, due_ms=2**45)
        await say(socket, type="message", id="message-2", text="persona")
        assert (await hear(socket, "speaker"))["speaker"] == "waiting"
        (waiting,) = await tickets.waiting()
        spoken = await tickets.claim(waiting.id, CAMILA, Reply("Te atiende Camila.", author=Author.SYSTEM))
        assert (await hear(socket, "speaker"))["speaker"] == "staff"
        await tickets.claim(call.id, DIEGO, Reply("Te atiende Diego.", author=Author.SYSTEM))
        await tickets.close(call.id, DIEGO, None)
        await tickets.reply(spoken.id, CAMILA, "Sigo aquí", "r1")
        assert speakers(await frames_until(socket, "Sigo aquí")) == []


@pytest.mark.parametrize("origin", ["https://otro.example", "null"])
async def test_socket_of_another_site_is_refused(server: ChatServer, origin: str) -> None:
    with pytest.raises(InvalidStatus) as refused:
        async with dial(server, origin=origin):
            pass
    assert refused.value.response.status_code == 403


async def test_socket_of_an_allowed_site_works(server: ChatServer) -> None:
    async with dial(server, origin=ALLOWED) as socket:
        await greet(socket)


async def test_silent_socket_is_closed(server: ChatServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.channels.web.socket.HELLO_TIMEOUT_S", 0.2)
    async with dial(server) as silent:
        with pytest.raises(ConnectionClosed) as closed:
            await silent.recv()
    assert closed.value.rcvd is not None
    assert closed.value.rcvd.code == 1008


async def test_socket_survives_a_redis_outage(agency: Agency, tmp_path: Path) -> None:
    port = free_port()
    valkey = Running(patient(valkey_part(tmp_path, port, "p")))
    valkey.wait_healthy()
    server = ChatServer(valkey_url(port, "p"), agency).start()
    try:
        async with dial(server) as socket:
            await greet(socket)
            await hear(socket, "speaker")
            valkey.stop()
            await say(socket, type="message", id="message-1", text="hola")
            error = await hear(socket, "error")
            assert (error["code"], error["id"]) == ("unavailable", "message-1")
            valkey.restart()
            valkey.wait_healthy()
            await say(socket, type="message", id="message-1", text="hola")
            assert (await hear(socket, "ack"))["repeated"] is False
            assert (await hear(socket, "event"))["text"] == "hola"
    finally:
        server.stop()
        valkey.stop()


async def test_message_in_a_conversation_that_was_erased_meanwhile_is_not_stored(
    server: ChatServer, redis: Redis
) -> None:
    async with dial(server) as socket:
        welcome = await greet(socket)
        await redis.delete(keys.conversation_key(welcome["conversation"]))
        await say(socket, type="message", id="message-1", text="hola")
        with pytest.raises(ConnectionClosed):
            await hear(socket, "ack")
    async with dial(server) as again:
        await say(again, type="hello", token=welcome["token"])
        assert (await hear(again, "error"))["code"] == "unknown_token"


async def test_message_in_a_conversation_that_a_lost_redis_has_not_got_back_yet_is_stored(
    server: ChatServer, redis: Redis
) -> None:
    async with dial(server) as socket:
        welcome = await greet(socket)
        await redis.delete(keys.conversation_key(welcome["conversation"]), keys.RESTORED)
        await say(socket, type="message", id="message-1", text="hola")
        assert (await hear(socket, "ack"))["repeated"] is False
