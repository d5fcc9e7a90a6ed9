"""Tests the page that shows citizens the stored data of their conversation."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import httpx
import pytest_asyncio
from fastapi import FastAPI
from redis.asyncio import Redis

from bot.agency.model import Agency
from bot.agency.schedule import Opening
from bot.channels.web.own_data.page import own_data_router
from bot.channels.web.site import Site
from bot.conversation.addresses import Addresses
from bot.conversation.change import Change
from bot.conversation.files import Files
from bot.core.messages import Channel, CitizenMessage, Reply, Speaker
from bot.privacy.links import LINK_S, OwnDataLinks
from bot.record.engine import Sessions
from bot.store import keys
from tests.no_record import mailbox_of
from tests.privacy_world import NAME, places
from tests.recording import recording, until_recorded

SECRET = "s" * 40
PDF = b"%PDF-1.7 hola"
TIME = re.compile(r'<time datetime="([^"]+)">([^<]+)</time>')
OPEN = Opening(True, "Abierto")


@pytest_asyncio.fixture
async def client(
    redis: Redis, database: Sessions, database_url: str, tmp_path: Path, agency: Agency
) -> AsyncIterator[httpx.AsyncClient]:
    await redis.set(keys.RESTORED, "1")
    kept = await Files(tmp_path / "files").keep(NAME, "carta.pdf", PDF)
    sent = (kept.as_attachment(),)
    inbox, said = mailbox_of(redis), CitizenMessage(NAME, Channel.WEB, "m1", "<b>hola</b>", 0, attachments=sent)
    await inbox.accept(said)
    await inbox.commit([said], (Reply("**Buenos** días."),), speaker=Speaker.ASSISTANT, change=Change())
    async with recording(redis, database):
        await until_recorded(redis)
    app, site = FastAPI(), Site(agency, (), opening=lambda: OPEN)
    data = places(redis, database, database_url, tmp_path).data
    app.include_router(own_data_router(site, OwnDataLinks(Addresses(SECRET), ""), data))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://bot") as opened:
        yield opened


def link(conversation: str = NAME, secret: str = SECRET) -> str:
    return OwnDataLinks(Addresses(secret), "https://chat.example").address(conversation)


async def post(client: httpx.AsyncClient, address: str, **fields: str) -> httpx.Response:
    return await client.post("/mis-datos", data={"enlace": address, **fields})


async def test_token_is_in_the_address_of_no_request(client: httpx.AsyncClient) -> None:
    page, token = link().split("#")
    opened = await client.get(page.removeprefix("https://chat.example"))
    assert (page, opened.status_code, "hola" in opened.text) == ("https://chat.example/mis-datos", 200, False)
    assert "/webchat/own_data.js" in opened.text
    shown = await post(client, token)
    assert ("hola" in shown.text, str(shown.url)) == (True, "http://bot/mis-datos")
    assert (await client.get(f"/mis-datos/{token}")).status_code == 404


async def test_page_shows_each_message_once_and_escaped(client: httpx.AsyncClient) -> None:
    page = await post(client, link())
    assert page.status_code == 200
    assert page.text.count("&lt;b&gt;hola&lt;/b&gt;") == 1
    assert page.text.count("<strong>Buenos</strong> días.") == 1
    assert page.text.index("&lt;b&gt;hola&lt;/b&gt;") < page.text.index("<strong>Buenos</strong> días.")


async def test_times_are_those_of_the_agency_with_their_offset(client: httpx.AsyncClient, agency: Agency) -> None:
    page = (await post(client, link())).text
    (told, *_) = TIME.findall(page)
    at, hour = datetime.fromisoformat(told[0]), told[1]
    assert at.utcoffset() == at.astimezone(ZoneInfo(agency.timezone)).utcoffset()
    assert f"{at:%H:%M}" == hour
    assert "Chat web" in page  # and not ``web``


async def test_page_is_stored_nowhere_and_framed_by_nobody(client: httpx.AsyncClient) -> None:
    headers = (await post(client, link())).headers
    assert (headers["cache-control"], headers["referrer-policy"]) == ("no-store", "no-referrer")
    after_s, _, page = headers["refresh"].partition("; url=")
    assert (int(after_s) > LINK_S, page) == (True, "/mis-datos")  # then the page shows nothing of anybody
    assert headers["x-frame-options"] == "SAMEORIGIN"


async def test_data_is_downloaded_as_json(client: httpx.AsyncClient) -> None:
    sent = await post(client, link(), json="1")
    assert sent.headers["content-disposition"] == 'attachment; filename="mis-datos.json"'
    assert [one["text"] for one in sent.json()["record"]["messages"]] == ["<b>hola</b>", "**Buenos** días."]


async def test_each_file_is_downloaded_from_the_page_and_those_of_others_are_not(client: httpx.AsyncClient) -> None:
    (file,) = re.findall(r'name="archivo" value="(\w+)">carta.pdf<', (await post(client, link())).text)
    sent, foreign = await post(client, link(), archivo=file), await post(client, link(), archivo="0" * 32)
    other = await post(client, link("another"), archivo=file)
    assert (sent.content, sent.headers["cache-control"]) == (PDF, "no-store")
    assert sent.headers["content-disposition"] == 'attachment; filename="carta.pdf"'
    assert (foreign.status_code, other.status_code) == (404, 404)


async def test_link_of_another_secret_shows_nothing(client: httpx.AsyncClient) -> None:
    page = await post(client, link(secret="t" * 40))
    assert page.status_code == 404
    assert "hola" not in page.text
