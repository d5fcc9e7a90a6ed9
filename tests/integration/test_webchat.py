"""Tests the chat's HTTP API against real Valkey: messages stored once, sent once, only to the owner of the token."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import pytest_asyncio
from redis.asyncio import Redis

from bot.agency.model import Agency
from bot.channels.web.chat_limits import CHARACTERS_PER_CONVERSATION, MESSAGES_PER_CONVERSATION, OPENINGS_PER_ADDRESS
from bot.core.network import SITE_FACTOR, trusted
from bot.run.part import Running
from bot.run.ports import free_port
from bot.run.valkey import valkey_part, valkey_url
from tests.chat_world import ChatServer
from tests.eventually import PATIENCE_S, eventually
from tests.parts import patient

ALLOWED = "https://www.losaromos.example"


@pytest.fixture
def server(redis: Redis, redis_url: str, agency: Agency) -> Iterator[ChatServer]:
    running = ChatServer(redis_url, agency, origins=(ALLOWED,)).start()
    yield running
    running.stop()


@pytest_asyncio.fixture
async def client(server: ChatServer) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(verify=trusted(), base_url=server.url, timeout=PATIENCE_S) as someone:
        yield someone


async def opened(client: httpx.AsyncClient) -> dict[str, str]:
    answer = await client.post("/api/chat")
    assert answer.status_code == 201
    chat: dict[str, str] = answer.json()
    client.headers["Authorization"] = f"Bearer {chat['token']}"
    return chat


async def post(client: httpx.AsyncClient, message_id: str, **body: Any) -> httpx.Response:
    return await client.post("/api/chat/messages", json={"id": message_id} | body)


async def texts(client: httpx.AsyncClient, after: str = "0") -> list[str]:
    return [
        event["text"] for event in (await client.get("/api/chat/messages", params={"after": after})).json()["events"]
    ]


async def until(client: httpx.AsyncClient, text: str) -> None:
    async def look() -> bool:
        return text in await texts(client)

    await eventually(look)


async def test_new_chat_begins_with_the_welcome(client: httpx.AsyncClient, agency: Agency) -> None:
    chat = await opened(client)
    assert len(chat["token"]) == 43
    assert len(chat["conversation"]) == 32
    assert await texts(client) == [agency.say("bienvenida")]


async def test_message_is_answered_with_its_source(client: httpx.AsyncClient) -> None:
    await opened(client)
    accepted = (await post(client, "message-1", text="hola")).json()
    await until(client, "eco: hola")
    events = (await client.get("/api/chat/messages", params={"after": accepted["event_id"]})).json()["events"]
    assert (events[0]["author"], events[0]["source"]["title"]) == ("assistant", "ChileAtiende")


async def test_repeated_message_is_stored_once(client: httpx.AsyncClient) -> None:
    await opened(client)
    first = (await post(client, "message-1", text="hola")).json()
    second = (await post(client, "message-1", text="hola")).json()
    assert second == first | {"repeated": True}
    await until(client, "eco: hola")
    assert (await texts(client)).count("hola") == 1


async def test_button_shows_its_title_as_the_citizens_message(client: httpx.AsyncClient) -> None:
    await opened(client)
    await post(client, "message-1", text="opciones")
    await until(client, "¿Cuál?")
    await post(client, "message-2", button="b2")
    await until(client, "eco: La segunda")
    assert "La segunda" in await texts(client)


async def test_stream_sends_the_past_and_then_live_events(client: httpx.AsyncClient) -> None:
    await opened(client)
    await post(client, "message-1", text="antes")
    await until(client, "eco: antes")
    seen: list[str] = []
    async with asyncio.timeout(PATIENCE_S), client.stream("GET", "/api/chat/events") as stream:
        assert stream.headers["content-type"].startswith("text/event-stream")
        async for line in stream.aiter_lines():
            if line == 'data: {"speaker": "assistant"}':
                await post(client, "message-2", text="después")
            if line.startswith("data:") and "text" in line:
                seen.append(json.loads(line[5:])["text"])
            if seen and seen[-1] == "eco: después":
                break
    assert seen[1:] == ["antes", "eco: antes", "después", "eco: después"]


@pytest.mark.parametrize("how", ["header", "query"])
async def test_stream_resumes_after_the_last_event_seen(client: httpx.AsyncClient, how: str) -> None:
    await opened(client)
    last = (await post(client, "message-1", text="uno")).json()["event_id"]
    await until(client, "eco: uno")
    options: dict[str, Any] = {"headers": {"Last-Event-ID": last}} if how == "header" else {"params": {"after": last}}
    async with asyncio.timeout(PATIENCE_S), client.stream("GET", "/api/chat/events", **options) as stream:
        async for line in stream.aiter_lines():
            if line.startswith("data:"):
                assert json.loads(line[5:])["text"] == "eco: uno"
                break


async def test_stream_announces_when_a_person_will_answer(client: httpx.AsyncClient) -> None:
    await opened(client)
    async with asyncio.timeout(PATIENCE_S), client.stream("GET", "/api/chat/events") as stream:
        async for line in stream.aiter_lines():
            if line == 'data: {"speaker": "assistant"}':
                await post(client, "message-1", text="persona")
            if line == 'data: {"speaker": "waiting"}':
                break
    assert (await client.get("/api/chat/messages")).json()["speaker"] == "waiting"


@pytest.mark.parametrize("header", [{}, {"Authorization": "Bearer no-existe-no-existe"}, {"Authorization": "Basic x"}])
async def test_unknown_token_gets_nothing(client: httpx.AsyncClient, header: dict[str, str]) -> None:
    for method, path in [("GET", "messages"), ("GET", "events"), ("POST", "messages")]:
        answer = await client.request(
            method,
            f"/api/chat/{path}",
            headers=header,
            json={"id": "message-1", "text": "x"} if method == "POST" else None,
        )
        assert (answer.status_code, answer.json()["code"]) == (401, "unknown_token")


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({"id": "message-1", "text": "a" * 4001}, 413, "too_long"),
        ({"id": "message-1", "text": "a" * 70_000}, 413, "too_long"),
        ({"id": "corto", "text": "hola"}, 422, "invalid"),
        ({"id": "con espacios y más", "text": "hola"}, 422, "invalid"),
        ({"id": "message-1"}, 422, "invalid"),
        ({"id": "message-1", "text": "  \n "}, 422, "invalid"),
        ({"id": "message-1", "text": "x", "button": "b1"}, 422, "invalid"),
        (["nada"], 422, "invalid"),
    ],
)
async def test_bad_message_is_refused_in_spanish(client: httpx.AsyncClient, body: Any, status: int, code: str) -> None:
    await opened(client)
    answer = await client.post("/api/chat/messages", json=body)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert "mensaje" in answer.json()["text"]


async def test_longest_message_is_stored_whole(client: httpx.AsyncClient) -> None:
    await opened(client)
    assert (await post(client, "message-1", text="🌳" * 4000)).status_code == 202
    assert "🌳" * 4000 in await texts(client)


async def test_null_character_is_dropped(client: httpx.AsyncClient) -> None:
    await opened(client)
    await post(client, "message-1", text="ho\x00la")
    assert "hola" in await texts(client)


async def test_lone_surrogate_is_refused(client: httpx.AsyncClient) -> None:
    await opened(client)
    raw = b'{"id": "message-1", "text": "\\ud800"}'
    answer = await client.post("/api/chat/messages", content=raw, headers={"Content-Type": "application/json"})
    assert answer.status_code == 422


async def test_too_many_messages_are_refused_for_a_while(client: httpx.AsyncClient) -> None:
    await opened(client)
    sent = [(await post(client, f"message-{n}", text="x")).status_code for n in range(MESSAGES_PER_CONVERSATION + 1)]
    assert sent == [202] * MESSAGES_PER_CONVERSATION + [429]


async def test_characters_of_a_conversation_are_limited(client: httpx.AsyncClient) -> None:
    await opened(client)
    allowed = CHARACTERS_PER_CONVERSATION // 4000
    sent = [(await post(client, f"message-{n}", text="㎯" * 4000)).status_code for n in range(allowed + 1)]
    assert sent == [202] * allowed + [429]


async def test_one_address_cannot_open_unlimited_chats(client: httpx.AsyncClient) -> None:
    opening = [await client.post("/api/chat") for _ in range(OPENINGS_PER_ADDRESS + 1)]
    assert [one.status_code for one in opening] == [201] * OPENINGS_PER_ADDRESS + [429]
    assert opening[-1].json()["code"] == "too_many_chats"


async def openings(client: httpx.AsyncClient, addresses: list[str]) -> list[int]:
    """Returns the status of opening a chat from each address behind a proxy."""
    sent = [{"X-Forwarded-For": address} for address in addresses]
    return [(await client.post("/api/chat", headers=one)).status_code for one in sent]


async def test_one_household_cannot_open_unlimited_chats(
    client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.channels.web.chat_limits.OPENINGS_PER_ADDRESS", 3)
    assert await openings(client, [f"2001:db8::{n:x}:0:0:1" for n in range(1, 5)]) == [201] * 3 + [429]
    assert await openings(client, ["2001:db8::", "2001:db8:0:1::", "190.100.4.7"]) == [429, 201, 201]


async def test_one_site_cannot_open_unlimited_chats_from_all_its_networks(
    client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.channels.web.chat_limits.OPENINGS_PER_ADDRESS", 1)
    site = [f"2001:db8:0:{n:x}::1" for n in range(SITE_FACTOR + 1)]
    assert await openings(client, site) == [201] * SITE_FACTOR + [429]
    assert await openings(client, ["2001:db8:1::1"]) == [201]


async def test_messages_of_a_household_are_limited_together(
    client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.channels.web.chat_limits.MESSAGES_PER_ADDRESS", 3)
    await opened(client)
    sent = []
    for n in range(1, 5):
        client.headers["X-Forwarded-For"] = f"2001:db8::{n:x}:0:0:1"
        sent.append((await post(client, f"message-{n}", text="x")).status_code)
    assert sent == [202] * 3 + [429]


@pytest.mark.parametrize("address", ["testclient", "unix:", "fe80::1%eth0"])
async def test_invalid_address_opens_a_chat(client: httpx.AsyncClient, address: str) -> None:
    assert await openings(client, [address]) == [201]


async def test_no_address_is_stored_in_redis(client: httpx.AsyncClient, redis: Redis) -> None:
    await opened(client)
    assert [key for key in await redis.keys("*") if "127.0.0.1" in key] == []


async def test_allowed_site_may_call(client: httpx.AsyncClient) -> None:
    asked = {
        "Origin": ALLOWED,
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "authorization",
    }
    preflight = await client.options("/api/chat/messages", headers=asked)
    assert preflight.headers["access-control-allow-origin"] == ALLOWED
    assert "Authorization" in preflight.headers["access-control-allow-headers"]
    answer = await client.post("/api/chat", headers={"Origin": ALLOWED})
    assert (answer.status_code, answer.headers["access-control-allow-origin"]) == (201, ALLOWED)
    assert "Origin" in answer.headers["vary"]


@pytest.mark.parametrize("origin", ["https://otro.example", "null", "https://www.losaromos.example.otro.example"])
async def test_other_site_is_refused(client: httpx.AsyncClient, origin: str) -> None:
    answer = await client.post("/api/chat", headers={"Origin": origin})
    assert (answer.status_code, answer.json()["code"]) == (403, "bad_origin")
    assert set(answer.json()) == {"code", "text", "link"}  # all that the site's script may read
    assert "access-control-allow-credentials" not in answer.headers
    asked = await client.options("/api/chat", headers={"Origin": origin})
    assert "access-control-allow-methods" not in asked.headers


async def test_our_own_pages_need_no_permission(client: httpx.AsyncClient, server: ChatServer) -> None:
    assert (await client.post("/api/chat", headers={"Origin": server.url})).status_code == 201


async def test_chat_answers_with_an_error_without_redis_and_recovers(agency: Agency, tmp_path: Path) -> None:
    port = free_port()
    valkey = Running(patient(valkey_part(tmp_path, port, "p")))
    valkey.wait_healthy()
    server = ChatServer(valkey_url(port, "p"), agency).start()
    try:
        async with httpx.AsyncClient(verify=trusted(), base_url=server.url, timeout=PATIENCE_S) as client:
            await opened(client)
            valkey.stop()
            answer = await post(client, "message-1", text="hola")
            assert (answer.status_code, answer.json()["code"]) == (503, "unavailable")
            valkey.restart()
            valkey.wait_healthy()
            assert (await post(client, "message-1", text="hola")).status_code == 202
            assert "hola" in await texts(client)
    finally:
        server.stop()
        valkey.stop()


@pytest.mark.parametrize("path", ["/", "/privacidad"])
async def test_pages_have_a_strict_content_security_policy(client: httpx.AsyncClient, path: str) -> None:
    page = await client.get(path)
    policy = page.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe-inline" not in policy
    assert (page.headers["x-content-type-options"], page.status_code) == ("nosniff", 200)
    assert " style=" not in page.text
    assert "onclick" not in page.text


async def test_page_without_javascript_shows_how_to_reach_the_agency(client: httpx.AsyncClient, agency: Agency) -> None:
    page = (await client.get("/")).text
    fallback = page.split("<noscript>")[1].split("</noscript>")[0]
    assert agency.phone in fallback
    assert agency.email in fallback


async def test_api_is_documented(client: httpx.AsyncClient) -> None:
    schema = (await client.get("/openapi.json")).json()
    operations = [
        one for path, methods in schema["paths"].items() if path.startswith("/api/chat") for one in methods.values()
    ]
    assert len(operations) == 9
    assert [one["operationId"] for one in operations if not one.get("description")] == []
