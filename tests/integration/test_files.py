"""Tests that a citizen's file reaches the attending agent and nobody else."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from functools import partial
from pathlib import Path

import httpx
import pytest
import pytest_asyncio
from redis.asyncio import Redis

from bot.agency.model import Agency
from bot.channels.web.chat_limits import FILES_PER_CONVERSATION, ChatLimits
from bot.channels.web.chats import Conversations
from bot.channels.web.errors import ChatUnavailable, TooManyMessages, UnknownToken
from bot.channels.web.files import sent_files_router
from bot.channels.web.router import WebChat
from bot.channels.web.site import Site
from bot.channels.web.uploads import READINGS_AT_ONCE, READINGS_PER_ADDRESS, Upload, Uploads
from bot.conversation.addresses import Addresses
from bot.conversation.file_links import FileLinks
from bot.conversation.files import FILES_FOLDER, MAX_FILE_BYTES, Files
from bot.conversation.inbox import Accepted
from bot.core.disk import MEGABYTE, Disk, Room
from bot.core.messages import Channel, CitizenMessage, Handoff, HandoffReason, Reply
from bot.record.engine import Sessions
from bot.store import keys
from tests.desk_world import DeskWorld, desk_world
from tests.eventually import eventually
from tests.no_record import mailbox_of
from tests.pictures import SECRET_MAKE, photo, picture

ANA, BETO = "ana@losaromos.example", "beto@losaromos.example"
PNG = picture()


class Filling:
    """A disk whose free space a test sets."""

    def __init__(self) -> None:
        self.free = 1000 * MEGABYTE

    def __call__(self, _folder: Path) -> int:
        return self.free


@pytest.fixture
def filling() -> Filling:
    return Filling()


@pytest_asyncio.fixture
async def world(
    redis: Redis,
    database: Sessions,
    agency: Agency,
    tmp_path: Path,
    filling: Filling,
    monkeypatch: pytest.MonkeyPatch,
) -> AsyncIterator[DeskWorld]:
    """Starts desk and web chat in one process, as in the bot."""
    monkeypatch.setattr("bot.core.disk.MEASURED_FOR_S", -1.0)
    disk = Disk(tmp_path, 256, filling)
    async with desk_world(redis, database, agency, home=tmp_path, disk=disk) as made:
        files = Files(tmp_path / FILES_FOLDER, partial(disk.has, Room.FILES))
        parts = Conversations.from_redis(redis, made.inbox, live=made.live, files=files)
        parts = replace(parts, accepts_new=partial(disk.has, Room.NEW_CONVERSATIONS))
        made.app.router.routes.extend(WebChat(conversations=parts, site=Site(agency), secret="s" * 40).router().routes)
        made.app.include_router(sent_files_router(FileLinks(Addresses("s" * 40)), files))
        for email, name in ((ANA, "Ana Soto"), (BETO, "Beto Díaz")):
            await made.hire(email, name)
        yield made


async def citizen(world: DeskWorld, *, waiting: bool = True) -> httpx.AsyncClient:
    """Opens a citizen's browser with a conversation, which waits for a person if ``waiting``."""
    browser = world.browser()
    token = (await browser.post("/api/chat")).json()["token"]
    browser.headers["Authorization"] = f"Bearer {token}"
    if waiting:
        await browser.post("/api/chat/messages", json={"id": "message-1", "text": "persona"})
        message = await first_mail(world)
        await world.answer(message, Reply("Quedas en la fila."), handoff=Handoff(HandoffReason.ASKED_HUMAN))
    return browser


async def first_mail(world: DeskWorld) -> CitizenMessage:
    [key] = await world.redis.keys("v:inbox:*")
    [message] = await world.inbox.pending(key.removeprefix("v:inbox:"))
    return message


async def send(browser: httpx.AsyncClient, name: str, content: bytes, message_id: str = "file-0001") -> httpx.Response:
    return await browser.post("/api/chat/files", params={"id": message_id, "name": name}, content=content)


async def link_of(staff: httpx.AsyncClient, ticket: str) -> str:
    events = (await staff.get(f"/desk/api/tickets/{ticket}")).json()["events"]
    [attached] = [one["attached"] for one in events if one.get("attached")]
    return str(attached[0]["url"])


async def test_only_the_attending_agent_gets_the_file_and_only_for_a_minute(
    world: DeskWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert (await send(await citizen(world), "../mi cédula.png", PNG)).status_code == 202
    ana, beto = await world.sign_in(ANA), await world.sign_in(BETO)
    [ticket] = await world.tickets.waiting()
    address = await link_of(ana, ticket.id)
    assert (await ana.get(address)).status_code == 403
    await ana.post(f"/desk/api/tickets/{ticket.id}/claim")
    signed = (await ana.get(address)).headers["location"]
    given = await ana.get(signed)
    assert given.content == PNG
    assert given.headers["content-disposition"].startswith("attachment")
    assert given.headers["x-content-type-options"] == "nosniff"
    assert {(await beto.get(one)).status_code for one in (address, signed)} == {403}
    assert (await world.browser().get(signed)).status_code == 401
    monkeypatch.setattr("bot.desk.api.files.LINK_S", -1)
    late = (await ana.get(address)).headers["location"]
    assert (await ana.get(late)).json()["detail"]["error"] == "expired"


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [
        ("a.png", b"MZ", "file_kind"),
        ("a.html", b"<html>", "file_kind"),
        ("a.png", PNG + bytes(MAX_FILE_BYTES), "file_too_big"),
        ("a.png", b"", "file_kind"),
    ],
)
async def test_refused_file_comes_with_a_reason(world: DeskWorld, name: str, content: bytes, code: str) -> None:
    refused = await send(await citizen(world), name, content)
    assert refused.json()["code"] == code


async def test_photo_may_be_the_first_message_and_the_citizen_sees_it_without_its_metadata(world: DeskWorld) -> None:
    browser = await citizen(world, waiting=False)
    caption = {"id": "file-0001", "name": "hoyo.jpg", "caption": "  El hoyo de mi calle "}
    sent = await browser.post("/api/chat/files", params=caption, content=photo())
    assert sent.json()["speaker"] == "assistant"
    event = (await browser.get("/api/chat/messages")).json()["events"][-1]
    assert event["text"] == "El hoyo de mi calle"
    [file] = event["files"]
    for address in (file["url"], file["url"] + "?mini"):
        shown = (await world.browser().get(address)).content
        assert shown.startswith(b"\xff\xd8")
        assert SECRET_MAKE.encode() not in shown


async def test_network_has_a_limit_of_bytes_whatever_the_number_of_chats(
    world: DeskWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.channels.web.chat_limits.FILE_BYTES_PER_ADDRESS", 3 * len(PNG))
    answers = [await send(await citizen(world, waiting=False), "a.png", PNG) for _ in range(4)]
    assert [one.status_code for one in answers] == [202] * 3 + [429]
    assert answers[-1].json()["code"] == "too_many_files"


async def test_at_most_a_few_files_are_read_at_once(redis: Redis, tmp_path: Path) -> None:
    inbox = mailbox_of(redis)
    taken, released = Uploads(inbox, Files(tmp_path), ChatLimits(inbox, "s" * 40)), asyncio.Event()

    async def slow() -> bytes:
        await released.wait()
        return b"%PDF-1.7"

    async def sent(number: int, address: str) -> Accepted:
        await inbox.open(f"c{number}", Channel.WEB, None)
        upload = Upload(f"file-{number:04}", "a.pdf", "", 8, slow)
        return await taken.take(f"c{number}", upload, address)

    def begin(number: int, address: str = "") -> asyncio.Task[Accepted]:
        return asyncio.create_task(sent(number, address or f"203.0.113.{number}"))

    of_one = [begin(200 + number, "198.51.100.7") for number in range(READINGS_PER_ADDRESS)]
    await eventually(lambda: taken._readings._value == READINGS_AT_ONCE - READINGS_PER_ADDRESS)
    with pytest.raises(TooManyMessages):
        await begin(300, "198.51.100.7")
    slow_ones = [*of_one, *(begin(number) for number in range(READINGS_AT_ONCE - READINGS_PER_ADDRESS))]
    await eventually(lambda: taken.is_full)
    with pytest.raises(ChatUnavailable):
        await begin(99)
    released.set()
    assert len(await asyncio.gather(*slow_ones)) == READINGS_AT_ONCE


async def test_file_beyond_those_that_are_read_is_to_be_sent_again(
    world: DeskWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    browser = await citizen(world)
    monkeypatch.setattr(Uploads, "is_full", True)
    full = await send(browser, "a.png", PNG)
    assert (full.status_code, full.json()["code"], full.headers["retry-after"]) == (503, "unavailable", "5")


async def test_repeat_is_stored_once(world: DeskWorld, tmp_path: Path) -> None:
    browser = await citizen(world)
    first, again = await send(browser, "a.png", PNG), await send(browser, "a.png", PNG)
    assert (first.json()["repeated"], again.json()["repeated"]) == (False, True)
    kept = await asyncio.to_thread(lambda: list((tmp_path / "files").glob("*/*")))
    assert len(kept) == 4  # the picture, its thumbnail, what is known of it, and the key


async def test_files_per_hour_are_limited(world: DeskWorld) -> None:
    browser = await citizen(world)
    answers = [await send(browser, "a.png", PNG, f"file-{n:04d}") for n in range(FILES_PER_CONVERSATION + 1)]
    assert [one.status_code for one in answers] == [202] * FILES_PER_CONVERSATION + [429]
    assert answers[-1].json()["code"] == "too_many_files"


async def test_filling_disk_stops_files_then_search_then_new_conversations(world: DeskWorld, filling: Filling) -> None:
    ana, browser = await world.sign_in(ANA), await citizen(world)

    async def refused(free_mb: int) -> list[str]:
        filling.free = free_mb * MEGABYTE
        answers = {
            "files": await send(browser, "a.png", PNG, f"file-{free_mb:04}"),
            "search": await ana.post("/desk/api/search", json={"words": "camión"}),
            "new": await world.browser().post("/api/chat"),
            "message": await browser.post("/api/chat/messages", json={"id": f"message-{free_mb}", "text": "¿sigues?"}),
        }
        return [name for name, answer in answers.items() if answer.status_code >= 400]

    assert await refused(300) == []
    assert await refused(200) == ["files"]
    assert await refused(100) == ["files", "search"]
    assert await refused(10) == ["files", "search", "new"]
    assert await refused(300) == []
    filling.free = 0
    assert "disco" in (await ana.post("/desk/api/search", json={"words": "camión"})).json()["detail"]["message"]
    assert "conversaciones nuevas" in (await world.browser().post("/api/chat")).json()["text"]


async def test_file_of_a_conversation_that_was_erased_while_it_arrived_is_not_kept(
    world: DeskWorld, tmp_path: Path
) -> None:
    files = Files(tmp_path / FILES_FOLDER)
    await world.redis.set(keys.RESTORED, "1")
    await world.inbox.open("c" * 32, Channel.WEB, None)

    async def erased_meanwhile() -> bytes:
        await world.redis.delete(keys.conversation_key("c" * 32))
        return PNG

    upload = Upload("file-0001", "foto.png", "", len(PNG), erased_meanwhile)
    with pytest.raises(UnknownToken):
        await Uploads(world.inbox, files, ChatLimits(world.inbox, "s" * 40)).take("c" * 32, upload, "198.51.100.7")
    assert not (await world.inbox.state("c" * 32)).exists
    assert list((tmp_path / FILES_FOLDER).rglob("*.json")) == []
