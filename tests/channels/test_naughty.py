"""Tests naughty strings through each channel, as messages and as staff replies: unchanged, without side effects."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from typing import Any

import pytest
from redis.asyncio import Redis
from sqlalchemy import select
from websockets.asyncio.client import connect

from bot.agency.model import Agency
from bot.agency.whatsapp_templates import Templates
from bot.channels.formatting.html import markdown_html
from bot.channels.formatting.shown_event import Links, browser_event
from bot.channels.formatting.spans import utf16_length
from bot.channels.outgoing.channel import Chunk
from bot.conversation.addresses import Addresses
from bot.conversation.file_links import FileLinks
from bot.conversation.readable import readable
from bot.core.event_facts import MessageFacts
from bot.core.events import Event, EventKind
from bot.core.messages import Author, Reply
from bot.desk.api.tickets import ReplyIn, checked_text
from bot.record.engine import Sessions
from bot.record.recorder import Recorder
from bot.record.tables import Message
from bot.record.transcripts.rows import read
from bot.tickets.ticket import StaffRef
from bot.tickets.tickets import Tickets
from tests.channels.behaviours import Stand, telegram_stand
from tests.channels.telegram_peer import shown
from tests.channels.whatsapp_stand import whatsapp_stand
from tests.channels.world import SECRET
from tests.chat_world import ChatServer
from tests.eventually import PATIENCE_S, eventually
from tests.naughty import NAUGHTY, SAID, shown_on_a_page
from tests.no_record import mailbox_of

A_CHAT = 25  # messages of one conversation: fewer than its limit a minute
ANA = StaffRef("ana", "Ana")


def staff_says(text: str) -> str:
    """Returns the text as the desk sends it."""
    return checked_text(ReplyIn(reply_id="reply-0001", text=text).text)


def answered(stand: Stand, text: str) -> tuple[Chunk, ...]:
    parts: tuple[Chunk, ...] = stand.world.channel.render(
        Event("1-0", stand.conversation, EventKind.MESSAGE, Author.STAFF, staff_says(text), MessageFacts(name="Ana"))
    )
    return parts


async def kept(stand: Stand) -> str:
    (event,) = await stand.world.inbox.events(stand.conversation)
    return event.text


async def test_telegram_keeps_naughty_strings_unchanged(redis: Any, agency: Agency) -> None:
    async with telegram_stand(redis, agency, work=False) as stand:
        for number, text in enumerate(NAUGHTY, 1):
            stand.chat = 10_000 + number
            assert await stand.write(text, id=number) == 200
            assert await kept(stand) == readable(text) or text.startswith(("/", "@"))
        for text in SAID:
            seen, broken = shown("".join(part.text for part in answered(stand, text)))
            assert (broken, seen.split()) == ("", f"Ana:\n{staff_says(text)}".split())


async def test_whatsapp_keeps_naughty_strings_unchanged(redis: Any, agency: Agency) -> None:
    async with whatsapp_stand(redis, agency, templates=Templates(), work=False) as stand:
        for number, text in enumerate(NAUGHTY, 1):
            stand.citizen = f"whatsapp:+569{number:08d}"
            assert await stand.write(text, id=number) == 200
            assert await kept(stand) == readable(text)
        for text in SAID:
            parts = answered(stand, text)
            assert " ".join(part.text for part in parts).split() == f"*Ana:*\n{staff_says(text)}".split()
            assert all(utf16_length(part.text) <= stand.text_limit for part in parts)


@pytest.fixture
def chat(redis: Redis, redis_url: str, agency: Agency) -> Iterator[ChatServer]:
    running = ChatServer(redis_url, agency).start()
    yield running
    running.stop()


async def written_on_the_web(chat: ChatServer, texts: tuple[str, ...], number: int) -> list[dict[str, Any]]:
    """Writes ``texts`` on the web chat and returns the events that show them; ``number`` selects the address."""
    url = chat.url.replace("http", "ws") + "/api/chat/socket"
    async with connect(url, additional_headers={"X-Forwarded-For": f"10.1.0.{number}"}) as socket:
        await socket.send(json.dumps({"type": "hello"}))
        for index, text in enumerate(texts):
            await socket.send(json.dumps({"type": "message", "id": f"message-{index}", "text": text}))
        mine: list[dict[str, Any]] = []
        async with asyncio.timeout(PATIENCE_S):
            while len(mine) < len(texts):
                told = json.loads(await socket.recv())
                assert told["type"] != "error", told
                mine += [told] if told.get("author") == "citizen" else []
        return mine


async def test_web_and_record_keep_naughty_strings_unchanged(chat: ChatServer, redis: Any, database: Sessions) -> None:
    told: list[dict[str, Any]] = []
    for begin in range(0, len(SAID), A_CHAT):
        told += await written_on_the_web(chat, SAID[begin : begin + A_CHAT], begin // A_CHAT + 1)
    wanted = [readable(text.strip()) for text in SAID]
    assert [one["text"] for one in told] == wanted
    assert [shown_on_a_page(one["html"]) for one in told] == [(text, []) for text in wanted]
    recording = asyncio.create_task(Recorder(redis=redis, sessions=database).run())
    assert await recorded(database, len(SAID)) == sorted(wanted)
    recording.cancel()
    await asyncio.gather(recording, return_exceptions=True)


async def recorded(database: Sessions, count: int) -> list[str]:
    async def all_of_them() -> list[str]:
        async with database() as session:
            found = [one.text for one in await read(session, select(Message).where(Message.author == "citizen"))]
        return sorted(found) if len(found) == count else []

    return await eventually(all_of_them)


async def test_staff_reply_on_the_web_keeps_naughty_strings_unchanged(chat: ChatServer, redis: Any) -> None:
    (mine,) = await written_on_the_web(chat, ("persona",), 250)
    tickets = Tickets(redis)
    waiting = await eventually(tickets.waiting)
    await tickets.claim(waiting[0].id, ANA, Reply("Te atiende Ana.", author=Author.SYSTEM))
    for number, text in enumerate(SAID):
        await tickets.reply(waiting[0].id, ANA, staff_says(text), f"reply-{number:04}")
    feed = await mailbox_of(redis).events(waiting[0].conversation, mine["id"], 2 * len(SAID))
    links = Links(FileLinks(Addresses(SECRET)))
    told = [browser_event(one, links) for one in feed if one.author is Author.STAFF]
    wanted = [staff_says(text) for text in SAID]
    assert [one.text for one in told if one] == wanted
    assert [shown_on_a_page(one.html) for one in told if one] == [(text, []) for text in wanted]


def test_markdown_renders_naughty_strings_as_text_and_links_only() -> None:
    assert [(text, wrong) for text in NAUGHTY if (wrong := shown_on_a_page(markdown_html(text))[1])] == []
