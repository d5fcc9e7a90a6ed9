"""Tests files that staff send: idempotent, audited, fetched by address, deleted after their time."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import pytest_asyncio
from sqlalchemy import select

from bot.agency.model import Agency
from bot.channels.web.files import sent_files_router
from bot.conversation import file_links
from bot.conversation.addresses import Addresses
from bot.conversation.file_links import FileLinks
from bot.conversation.files import FILES_FOLDER, Files, kept_of
from bot.core.events import Event
from bot.core.messages import Channel
from bot.desk.auth.account_changes import StaffChange, change_staff
from bot.record.engine import Sessions
from bot.record.tables import Audit
from tests.desk_world import DeskWorld, desk_world
from tests.eventually import PATIENCE_S
from tests.pictures import picture
from tests.slow_body import slow_body

PUBLIC = "http://chat.losaromos.example"
PNG = picture()
PDF = b"%PDF-1.7 a document"
REPLY_ID = "a1b2c3d4e5f6"
ADDRESSES = Addresses("s" * 40)
LINKS = FileLinks(ADDRESSES)


@pytest_asyncio.fixture
async def world(redis: Any, database: Sessions, agency: Agency, tmp_path: Path) -> AsyncIterator[DeskWorld]:
    async with desk_world(redis, database, agency, public_url=PUBLIC, home=tmp_path) as made:
        made.app.include_router(sent_files_router(LINKS, Files(tmp_path / FILES_FOLDER)))
        await made.hire("ana@x.cl", "Ana Soto")
        await made.hire("beto@x.cl", "Beto Díaz")
        yield made


@pytest_asyncio.fixture
async def ana(world: DeskWorld) -> httpx.AsyncClient:
    return await world.sign_in("ana@x.cl")


async def taken(world: DeskWorld, ana: httpx.AsyncClient, channel: Channel = Channel.WEB) -> Any:
    ticket = await world.wait_for_person("persona", channel=channel)
    await ana.post(f"/desk/api/tickets/{ticket.id}/claim")
    return ticket


async def send(client: httpx.AsyncClient, ticket: str, name: str, content: bytes, text: str = "") -> httpx.Response:
    fields = {"reply_id": REPLY_ID, "text": text}
    return await client.post(f"/desk/api/tickets/{ticket}/files", data=fields, files={"file": (name, content)})


async def with_files(world: DeskWorld, conversation: str) -> list[Event]:
    return [event for event in await world.inbox.events(conversation) if kept_of(event)]


def on_disk(tmp_path: Path) -> int:
    return len(list((tmp_path / FILES_FOLDER).rglob("*.json")))


async def test_file_is_sent_stored_and_audited_once_however_often_it_is_sent(
    world: DeskWorld, ana: httpx.AsyncClient, database: Sessions, tmp_path: Path
) -> None:
    ticket = await taken(world, ana)
    answers = await asyncio.gather(*(send(ana, ticket.id, "plano.png", PNG, "  El plano ") for _ in range(5)))
    assert len({answer.json()["id"] for answer in answers}) == 1
    (event,) = await with_files(world, ticket.conversation)
    assert (event.text, event.message.name, event.message.reply_id) == ("El plano", "Ana Soto", REPLY_ID)
    assert on_disk(tmp_path) == 1
    async with database() as session:
        (row,) = [row for row in await session.scalars(select(Audit)) if row.action == "file_sent"]
    assert row.detail == {"event": event.id, "reply": REPLY_ID}
    shown = (await ana.get(f"/desk/api/tickets/{ticket.id}")).json()["events"][-1]
    saved = await ana.get(shown["attached"][0]["url"], follow_redirects=True)
    assert saved.content == PNG


async def test_unauthorized_sender_is_refused_before_the_file_is_read(world: DeskWorld, ana: httpx.AsyncClient) -> None:
    ticket = await taken(world, ana)
    host, port = world.url.removeprefix("http://").split(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    head = [
        f"POST /desk/api/tickets/{ticket.id}/files HTTP/1.1",
        f"Host: {host}:{port}",
        f"Origin: {world.url}",
        "Content-Type: multipart/form-data; boundary=x",
        "Content-Length: 5000000",
    ]
    writer.write("\r\n".join([*head, "", "--x\r\n"]).encode())
    async with asyncio.timeout(PATIENCE_S):
        assert b" 401 " in await reader.readline()
    writer.close()


async def test_file_of_somebody_who_was_deactivated_while_it_arrived_is_refused(
    world: DeskWorld, ana: httpx.AsyncClient, database: Sessions, tmp_path: Path
) -> None:
    ticket = await taken(world, ana)
    whole = httpx.Request("POST", world.url, data={"reply_id": REPLY_ID}, files={"file": ("plano.png", PNG)})
    gone = StaffChange(active=False)
    sent = await slow_body(database, whole.read(), lambda: change_staff(database, "ana@x.cl", gone))
    headers = {"Content-Type": whole.headers["Content-Type"]}
    answer = await ana.post(f"/desk/api/tickets/{ticket.id}/files", content=sent, headers=headers)
    assert (answer.status_code, on_disk(tmp_path)) == (401, 0)


async def test_invalid_form_is_refused_with_a_message(world: DeskWorld, ana: httpx.AsyncClient) -> None:
    ticket = await taken(world, ana)
    address = f"/desk/api/tickets/{ticket.id}/files"
    fields = {"reply_id": REPLY_ID}
    for sent in ({"json": {}}, {"data": fields}, {"data": {"reply_id": "!"}, "files": {"file": ("a.png", PNG)}}):
        assert (await ana.post(address, **sent)).status_code == 422  # type: ignore[arg-type]
    broken = {"Content-Type": "multipart/form-data"}
    assert (await ana.post(address, content=b"x", headers=broken)).status_code == 400


async def test_file_without_text_is_announced_by_its_name(world: DeskWorld, ana: httpx.AsyncClient) -> None:
    ticket = await taken(world, ana)
    await send(ana, ticket.id, "../convenio.pdf", PDF)
    (event,) = await with_files(world, ticket.conversation)
    assert event.text == "Archivo: convenio.pdf (1 KB)"


@pytest.mark.parametrize(
    ("name", "content", "status", "error"),
    [
        ("virus.exe", b"MZ", 422, "file_kind"),
        ("plano.png", PDF, 422, "file_kind"),
        ("foto.webp", b"RIFF0000WEBP", 422, "file_kind"),
        ("plano.png", PNG + bytes(5_000_000), 413, "file_too_big"),
    ],
)
async def test_file_that_the_channel_cannot_show_is_refused_with_a_message(
    world: DeskWorld, ana: httpx.AsyncClient, tmp_path: Path, name: str, content: bytes, status: int, error: str
) -> None:
    ticket = await taken(world, ana, Channel.WHATSAPP)
    answer = await send(ana, ticket.id, name, content)
    assert (answer.status_code, answer.json()["detail"]["error"]) == (status, error)
    assert ("5,0 MB" in answer.text) == (error == "file_too_big")
    assert await with_files(world, ticket.conversation) == []
    assert on_disk(tmp_path) == 0


async def test_whatsapp_takes_no_file_after_the_window(world: DeskWorld, ana: httpx.AsyncClient) -> None:
    ticket = await taken(world, ana, Channel.WHATSAPP)
    await world.redis.hset(f"v:conv:{ticket.conversation}", "inbound_at", 1)
    told = (await send(ana, ticket.id, "plano.png", PNG)).json()["detail"]["message"]
    assert told.startswith("Pasaron 24 horas")


async def test_oversized_upload_is_not_even_read(world: DeskWorld, ana: httpx.AsyncClient) -> None:
    ticket = await taken(world, ana)
    assert (await send(ana, ticket.id, "plano.png", PNG + bytes(11_000_000))).status_code == 413


async def test_whatsapp_without_a_public_address_takes_no_file_and_the_desk_shows_why(
    redis: Any, database: Sessions, agency: Agency, tmp_path: Path
) -> None:
    async with desk_world(redis, database, agency, home=tmp_path) as world:
        await world.hire("ana@x.cl", "Ana Soto")
        ana = await world.sign_in("ana@x.cl")
        ticket = await taken(world, ana, Channel.WHATSAPP)
        told = (await send(ana, ticket.id, "plano.png", PNG)).json()["detail"]
        files = (await ana.get("/desk/api/tickets")).json()["mine"][0]["files"]
    assert (told["error"], "(PUBLIC_URL)" in told["message"]) == ("no_files", True)
    assert files == {"picture": 5_000_000, "document": 10 * 1024 * 1024, "hindrance": told["message"]}


async def test_only_the_attending_agent_sends(world: DeskWorld, ana: httpx.AsyncClient, tmp_path: Path) -> None:
    ticket = await taken(world, ana)
    beto = await world.sign_in("beto@x.cl")
    assert (await send(beto, ticket.id, "plano.png", PNG)).status_code == 409
    assert (await send(world.browser(), ticket.id, "plano.png", PNG)).status_code == 401
    assert (await with_files(world, ticket.conversation), on_disk(tmp_path)) == ([], 0)


async def test_file_address_works_for_a_day_and_while_the_file_is_kept(
    world: DeskWorld, ana: httpx.AsyncClient, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ticket = await taken(world, ana)
    await send(ana, ticket.id, "plano.png", PNG)
    ((file,),) = [kept_of(event) for event in await with_files(world, ticket.conversation)]
    path, stranger = LINKS.path(ticket.conversation, file), world.browser()
    found = await stranger.get(path)
    assert (found.content, found.headers["content-type"]) == (PNG, "image/png")
    assert found.headers["content-security-policy"].startswith("sandbox")
    other = FileLinks(Addresses("t" * 40)).path(ticket.conversation, file)
    address = f"/archivos/{ADDRESSES.encrypt('whatsapp:+56911112222')}/x.png"
    assert [(await stranger.get(one)).status_code for one in (other, address)] == [404, 404]
    with monkeypatch.context() as a_day_later:
        a_day_later.setattr(file_links, "LINK_S", -1)
        assert (await stranger.get(path)).status_code == 404
    assert (await stranger.get(path)).status_code == 200
    assert await Files(tmp_path / FILES_FOLDER).forget_older(time.time() + 60) == 1
    gone = await stranger.get(path)
    assert (gone.status_code, gone.text[:25]) == (404, "Este enlace ya venció o e")
