"""A conversation by polling with somebody else's idea of Telegram: npm's telegram-test-api, in a process of its own.

Skipped unless TELEGRAM_TEST_API names a folder where it is installed (``npm i telegram-test-api@4.2.1``).
"""

from __future__ import annotations

import asyncio
import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import httpx
import pytest

from bot.agency import Agency
from bot.channels.telegram import Telegram
from bot.channels.telegram_api import TelegramApi
from bot.conversation.addresses import Addresses
from bot.conversation.mailbox import Mailbox
from bot.conversation.outbox import Outbox
from bot.run.ports import LOOPBACK, free_port, listening
from tests.channels.world import channel_world

FOLDER = os.environ.get("TELEGRAM_TEST_API", "")
TOKEN = "123:abc"
CHAT = {"id": 7, "first_name": "Ana", "type": "private", "title": "x"}
PERSON = {"id": 7, "first_name": "Ana", "is_bot": False}

pytestmark = pytest.mark.skipif(not (FOLDER and shutil.which("node")), reason="TELEGRAM_TEST_API is not set")


@pytest.fixture
def emulator() -> Iterator[str]:
    port = free_port()
    script = Path(__file__).with_name("telegram_emulator.js")
    process = subprocess.Popen(["node", str(script), str(port)], cwd=FOLDER)
    for _ in range(500):
        if listening(port):
            break
        import time

        time.sleep(0.02)
    yield f"http://{LOOPBACK}:{port}"
    process.kill()
    process.wait()


async def test_a_conversation_by_polling(redis: Any, agency: Agency, emulator: str) -> None:
    def make(mailbox: Mailbox, outbox: Outbox, addresses: Addresses) -> Telegram:
        api = TelegramApi(TOKEN, emulator)
        return Telegram(api=api, mailbox=mailbox, outbox=outbox, addresses=addresses, public_url="")

    async with (
        channel_world(redis, agency, make) as world,
        httpx.AsyncClient(base_url=emulator) as phone,
        AsyncExitStack() as stack,
    ):
        polling = asyncio.create_task(world.channel.run())
        stack.callback(polling.cancel)
        seen: list[dict[str, Any]] = []

        async def says(text: str) -> None:
            message = {"text": text, "chat": CHAT, "from": PERSON, "date": 1764000000}
            answer = await phone.post("/sendMessage", json=message | {"botToken": TOKEN})
            assert answer.json()["ok"]

        async def arrives(count: int) -> None:
            async with asyncio.timeout(20):
                while len(seen) < count:
                    answer = await phone.post("/getUpdates", json={"token": TOKEN, "chatId": 7})
                    seen.extend(one["message"] for one in answer.json()["result"])
                    await asyncio.sleep(0.05)

        await says("opciones")
        await arrives(2)
        assert seen[0]["text"].startswith("¡Hola! Soy <b>Aroma</b>")
        row = seen[1]["reply_markup"]["inline_keyboard"][1][0]
        pressed = {"data": row["callback_data"], "message": {"message_id": 1, "date": 1764000000, "chat": CHAT}}
        query = pressed | {"from": PERSON, "chat_instance": "1", "botToken": TOKEN}
        assert (await phone.post("/sendCallback", json=query)).json()["ok"]
        await arrives(3)
        assert seen[2]["text"] == "elegiste la segunda"
        await world.channel.close()
