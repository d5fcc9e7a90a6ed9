"""Tests each kind of web payload: stored, answered, or refused with an explanation."""

from __future__ import annotations

import asyncio
import base64
import json
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import pytest_asyncio
from websockets.asyncio.client import connect

from bot.agency.model import Agency
from bot.conversation.files import kind_of
from bot.core.network import trusted
from bot.core.texts import say
from tests.chat_world import ChatServer
from tests.eventually import PATIENCE_S, eventually

PAYLOADS = Path(__file__).parent / "payloads" / "web"
NAMES = sorted(path.stem for path in PAYLOADS.glob("*.json"))
FRAMES = {name for name in NAMES if name.startswith("socket_")}
FILES = {
    "file_pdf": "cuenta de agua.pdf",
    "file_png": "captura.png",
    "file_jpg": "IMG_0001.JPG",
    "file_webp": "foto.webp",
}
REFUSED = {
    "forged": (403, "bad_origin"),
    "forged_token": (401, "unknown_token"),
    "unknown": (422, "invalid"),
    "unknown_file": (422, "file_kind"),
    "disguised_file": (422, "file_kind"),
    "file_heic": (422, "file_heic"),
}
WORDS = {"text": "¿Cómo renuevo mi licencia? 👍🏽", "symbols": "👍🏽", "button": ""}
HEARD = {"socket_text": "ack", "socket_typing": "pong", "socket_unknown": "error"}


def payload(name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((PAYLOADS / f"{name}.json").read_text(encoding="utf-8"))
    return found


@pytest.fixture
def server(redis: Any, redis_url: str, agency: Agency) -> Iterator[ChatServer]:
    running = ChatServer(redis_url, agency).start()
    yield running
    running.stop()


@pytest_asyncio.fixture
async def page(server: ChatServer) -> AsyncIterator[httpx.AsyncClient]:
    """Opens a chat and yields a client with its token."""
    async with httpx.AsyncClient(verify=trusted(), base_url=server.url, timeout=PATIENCE_S) as client:
        token = (await client.post("/api/chat")).json()["token"]
        client.headers["Authorization"] = f"Bearer {token}"
        yield client


async def send(page: httpx.AsyncClient, name: str) -> httpx.Response:
    sent = payload(name)
    method, path = sent["request"].split()
    body = {"json": sent["body"]} if "body" in sent else {"content": base64.b64decode(sent["content"])}
    return await page.request(method, path, params=sent.get("query"), headers=sent.get("headers"), **body)


async def said(page: httpx.AsyncClient, author: str = "citizen") -> list[dict[str, Any]]:
    events = (await page.get("/api/chat/messages")).json()["events"]
    return [one for one in events if one["author"] == author]


def test_payload_lists_cover_every_recorded_payload() -> None:
    assert {*FILES, *REFUSED, *WORDS, *HEARD} == set(NAMES)


@pytest.mark.parametrize("name", WORDS)
async def test_text_is_stored_and_answered(page: httpx.AsyncClient, name: str) -> None:
    assert (await send(page, name)).status_code == 202
    assert [one["text"] for one in await said(page)] == [WORDS[name]]

    async def look() -> bool:
        return len(await said(page, "assistant")) >= 2

    await eventually(look)


@pytest.mark.parametrize("name", FILES)
async def test_files_are_kept_for_the_agent(page: httpx.AsyncClient, server: ChatServer, name: str) -> None:
    assert (await send(page, name)).status_code == 202
    ((shown,),) = [one["files"] for one in await said(page)]
    (kept,) = [path for path in (server.home / "files").glob("*/*") if not path.suffix]
    content = (await page.get(shown["url"])).content
    assert (shown["name"], kind_of(FILES[name], content).type) == (FILES[name], shown["type"])
    assert content not in kept.read_bytes()  # it is encrypted
    if not shown["type"].startswith("image/"):
        assert content == base64.b64decode(payload(name)["content"])


@pytest.mark.parametrize("name", REFUSED)
async def test_forged_or_unknown_payload_is_refused_with_an_explanation(
    page: httpx.AsyncClient, server: ChatServer, name: str
) -> None:
    before = await said(page)
    answer = await send(page, name)
    status, code = REFUSED[name]
    told = answer.json()
    values = {"sitio": payload(name)["headers"]["Origin"]} if code == "bad_origin" else {}
    text = say(f"widget.errores.{code}", **values)
    assert (answer.status_code, told["code"], told["text"]) == (status, code, text)
    assert await said(page) == before
    assert list((server.home / "files").glob("*/*")) == []


@pytest.mark.parametrize("name", sorted(FRAMES))
async def test_frames_are_answered(page: httpx.AsyncClient, server: ChatServer, name: str) -> None:
    hello, *frames = payload(name)["frames"]
    token = page.headers["Authorization"].removeprefix("Bearer ")
    async with connect(server.url.replace("http", "ws") + "/api/chat/socket") as socket:
        for frame in (hello | {"token": token}, *frames):
            await socket.send(json.dumps(frame))
        async with asyncio.timeout(PATIENCE_S):
            while (told := json.loads(await socket.recv()))["type"] != HEARD[name]:
                pass
    if name == "socket_unknown":
        assert told == {
            "type": "error",
            "code": "invalid",
            "text": say("widget.errores.invalid"),
            "id": frames[0]["id"],
        }
    assert [one["text"] for one in await said(page)] == [one["text"] for one in frames if "text" in one]
