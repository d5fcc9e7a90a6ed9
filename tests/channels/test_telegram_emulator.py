"""Tests polling against an independent emulator of Telegram: npm's telegram-test-api, in a separate process.

The emulator supports only text, commands and buttons: neither sendPhoto, sendDocument and getFile nor updates with
media. Files are tested against the specification (test_telegram_spec.py) and over HTTP (test_behaviours.py,
test_telegram_killed.py).
"""

from __future__ import annotations

import asyncio
import subprocess
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest

from bot.agency.model import Agency
from bot.channels.outgoing.channel import Pace
from bot.channels.telegram.adapter import Telegram
from bot.channels.telegram.api import TelegramApi
from bot.conversation.addresses import Addresses
from bot.conversation.files import Files
from bot.conversation.inbox import Inbox
from bot.core.events import Event, EventKind
from bot.core.messages import Author, Reply
from bot.run.ports import LOOPBACK, free_port, listening
from bot.store.keys import inbox_key
from bot.tickets.outbox import Outbox
from bot.tickets.ticket import StaffRef
from bot.tickets.tickets import Tickets
from tests.channels.world import LONG, ChannelWorld, channel_world
from tests.eventually import PATIENCE_S, eventually, eventually_blocking
from tests.node_peers import MODULES, needs_peer

TOKEN = "123:abc"
CHAT = {"id": 7, "first_name": "Ana", "type": "private", "title": "x"}
PERSON = {"id": 7, "first_name": "Ana", "is_bot": False}
NOW = {"date": 1764000000}
QUICK = Pace(per_second=30, chat_every_s=0.05)  # the pace itself is tested elsewhere

pytestmark = needs_peer("telegram-test-api")


@pytest.fixture
def emulator() -> Iterator[str]:
    port = free_port()
    script = Path(__file__).with_name("telegram_emulator.js")
    process = subprocess.Popen(["node", str(script), str(port)], cwd=MODULES.parent)
    eventually_blocking(lambda: listening(port))
    yield f"http://{LOOPBACK}:{port}"
    process.kill()
    process.wait()


@dataclass
class Phone:
    """Ana's phone; ``seen`` lists the bot's messages, in order."""

    client: httpx.AsyncClient
    seen: list[dict[str, Any]] = field(default_factory=list)

    async def says(self, text: str) -> None:
        await self._tell("/sendMessage", {"text": text, "chat": CHAT, "from": PERSON} | NOW)

    async def commands(self, text: str) -> None:
        entities = [{"offset": 0, "length": len(text), "type": "bot_command"}]
        await self._tell("/sendCommand", {"text": text, "chat": CHAT, "from": PERSON, "entities": entities} | NOW)

    async def presses(self, shown: dict[str, Any], number: int) -> None:
        button = shown["reply_markup"]["inline_keyboard"][number - 1][0]
        message = {"message_id": 1, "chat": CHAT} | NOW
        await self._tell("/sendCallback", {"data": button["callback_data"], "message": message, "from": PERSON})

    async def _tell(self, path: str, body: dict[str, Any]) -> None:
        answer = await self.client.post(path, json=body | {"botToken": TOKEN})
        assert answer.json()["ok"]

    async def gets(self, count: int) -> list[dict[str, Any]]:
        """Waits for the next ``count`` messages and returns them."""
        begin = len(self.seen)

        async def enough() -> bool:
            answer = await self.client.post("/getUpdates", json={"token": TOKEN, "chatId": CHAT["id"]})
            self.seen.extend(one["message"] for one in answer.json()["result"])
            return len(self.seen) >= begin + count

        await eventually(enough)
        return self.seen[begin:]


@asynccontextmanager
async def polling(redis: Any, agency: Agency, url: str) -> AsyncIterator[tuple[ChannelWorld, Phone]]:
    def make(inbox: Inbox, outbox: Outbox, addresses: Addresses, files: Files) -> Telegram:
        api = TelegramApi(TOKEN, url)
        made = Telegram(api=api, inbox=inbox, outbox=outbox, addresses=addresses, files=files, public_url="")
        made.pace = QUICK  # type: ignore[misc]
        return made

    async with (
        channel_world(redis, agency, make) as world,
        httpx.AsyncClient(base_url=url, timeout=PATIENCE_S) as client,
        AsyncExitStack() as stack,
    ):
        asking = asyncio.create_task(world.channel.run())
        stack.callback(asking.cancel)
        try:
            yield world, Phone(client)
        finally:
            await world.channel.close()


async def test_whole_conversation_works_by_polling(redis: Any, agency: Agency, emulator: str) -> None:
    async with polling(redis, agency, emulator) as (world, ana):
        await ana.commands("/start")
        assert (await ana.gets(1))[0]["text"].startswith("¡Hola! Soy <b>Aroma</b>")
        await ana.says("opciones")
        (offer,) = await ana.gets(1)
        await ana.presses(offer, 2)
        assert (await ana.gets(1))[0]["text"] == "elegiste la segunda"
        await ana.presses(offer, 1)
        assert (await ana.gets(1))[0]["text"] == agency.say("opcion_vencida")
        await ana.says("<b>¿y tú & yo?</b>")
        assert (await ana.gets(1))[0]["text"] == "eco: &lt;b&gt;¿y tú &amp; yo?&lt;/b&gt;"
        await with_a_person(world, ana)


async def with_a_person(world: ChannelWorld, ana: Phone) -> None:
    await ana.says("persona")
    assert [one["text"] for one in await ana.gets(2)] == ["Te dejo con alguien.", "Lugar 1."]
    tickets, camila = Tickets(world.redis), StaffRef("camila", "Camila")
    (ticket,) = await tickets.waiting()
    await tickets.claim(ticket.id, camila, Reply("Te atiende Camila.", author=Author.SYSTEM))
    await ana.says("gracias")

    async def look() -> bool:
        return (await world.inbox.latest([ticket.conversation], 1))[0][0].text == "gracias"

    await eventually(look)

    async def taken() -> bool:  # while a person speaks: no answer
        return not await world.redis.exists(inbox_key(ticket.conversation))

    await eventually(taken)
    await tickets.reply(ticket.id, camila, "Hola, *Ana*: 1 < 2", "r1")
    await tickets.close(ticket.id, camila, Reply("Camila cerró.", author=Author.SYSTEM))
    told = ["Te atiende Camila.", "<b>Camila:</b>\nHola, *Ana*: 1 &lt; 2", "Camila cerró."]
    assert [one["text"] for one in await ana.gets(3)] == told
    await ana.says("largo")
    wanted = world.channel.render(Event("1-0", "c", EventKind.MESSAGE, Author.ASSISTANT, LONG))
    assert [one["text"] for one in await ana.gets(len(wanted))] == [part.text for part in wanted]
