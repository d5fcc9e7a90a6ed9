"""Tests that every call to Telegram is allowed by the Bot API's specification (telegram_spec.json).

Every method of ``TelegramApi`` is covered by CALLS, and the simulated Telegram of all other tests refuses a method that
is not in the specification.
"""

from __future__ import annotations

import inspect
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest
import pytest_asyncio
from telegram.error import BadRequest

from bot.channels.outgoing.channel import Choice
from bot.channels.telegram.adapter import commands
from bot.channels.telegram.api import PHOTO_BYTES, TelegramApi
from bot.channels.telegram.message import Text, Upload
from bot.conversation.addresses import Addresses
from bot.core.errors.messages import SendRefused
from tests.channels.telegram_peer import SPEC, TOKEN, TelegramPeer
from tests.channels.world import SECRET
from tests.desk_world import served
from tests.pictures import picture

CHAT = "1001"
WORDS = Text('Mira <b>esto</b> &amp; <a href="https://x.cl/?a=1&amp;b=2">aquello</a>', "Mira esto & aquello")
OFFER = Text("¿Cuál?", "¿Cuál?", (Choice("x" * 64, "Sí"), Choice("Ab3_xYz0", "No")))
NOTHING = Text("", "")
PNG = picture()
PDF = b"%PDF-1.7 a document"
PICTURE = Upload("plano de la calle.png", PNG, picture=True)
LARGE = Upload("mapa.png", PNG + b"\0" * PHOTO_BYTES, picture=True)
DOCUMENT = Upload("convenio (año 2026).pdf", PDF, picture=False)
NO_CALL = {"close"}

CALLS: dict[str, tuple[list[str], list[Callable[[TelegramApi], Awaitable[Any]]]]] = {
    "me": (["getMe"], [lambda api: api.me()]),
    "send": (["sendMessage"] * 2, [lambda api: api.send(CHAT, WORDS), lambda api: api.send(CHAT, OFFER)]),
    "send_file": (
        ["sendPhoto", "sendPhoto", "sendDocument", "sendDocument"],
        [
            lambda api: api.send_file(CHAT, PICTURE, WORDS),
            lambda api: api.send_file(CHAT, PICTURE, NOTHING),
            lambda api: api.send_file(CHAT, DOCUMENT, WORDS),
            lambda api: api.send_file(CHAT, LARGE, NOTHING),
        ],
    ),
    "delete": (["deleteMessage"], [lambda api: api.delete(CHAT, "55")]),
    "typing": (["sendChatAction"], [lambda api: api.typing(CHAT)]),
    "answer_callback": (["answerCallbackQuery"], [lambda api: api.answer_callback("q1")]),
    "updates": (["getUpdates"], [lambda api: api.updates(0)]),
    "download": (["getFile"], [lambda api: api.download("f1")]),
    "set_webhook": (
        ["setWebhook"],
        [lambda api: api.set_webhook("https://chat.example/channels/telegram", Addresses(SECRET).secret_for("x"))],
    ),
    "delete_webhook": (["deleteWebhook"], [lambda api: api.delete_webhook()]),
    "webhook": (["getWebhookInfo"], [lambda api: api.webhook()]),
    "set_commands": (["setMyCommands"], [lambda api: api.set_commands(commands())]),
}


@pytest_asyncio.fixture
async def telegram() -> AsyncIterator[tuple[TelegramPeer, TelegramApi]]:
    peer = TelegramPeer(files={"f1": PNG})
    async with served(peer.app()) as url:  # type: ignore[arg-type]
        api = TelegramApi(TOKEN, url)
        yield peer, api
        await api.close()


@pytest.mark.parametrize("name", CALLS)
async def test_each_call_follows_the_specification(telegram: tuple[TelegramPeer, TelegramApi], name: str) -> None:
    peer, api = telegram
    methods, calls = CALLS[name]
    for call in calls:
        await call(api)
    assert [call.method for call in peer.calls] == methods
    assert peer.refused == []


async def test_files_arrive_whole(telegram: tuple[TelegramPeer, TelegramApi]) -> None:
    peer, api = telegram
    for call in CALLS["send_file"][1]:
        await call(api)
    sent = [next(iter(call.files.items())) for call in peer.calls]
    wanted = [("photo", PICTURE), ("photo", PICTURE), ("document", DOCUMENT), ("document", LARGE)]
    assert sent == [(field, (file.name, file.content)) for field, file in wanted]


def test_calls_cover_exactly_the_methods_of_the_api() -> None:
    methods = {name for name, _ in inspect.getmembers(TelegramApi, inspect.iscoroutinefunction) if name[0] != "_"}
    assert methods - NO_CALL == CALLS.keys()
    assert {one for called, _ in CALLS.values() for one in called} == SPEC["methods"].keys()


@pytest.mark.parametrize(
    "call",
    [
        lambda api: api.bot.send_location(1, -33.4, -70.6),
        lambda api: api.bot.send_message(1, "x" * 4097),
        lambda api: api.send(CHAT, Text("", "")),
        lambda api: api.send(CHAT, Text("x", "x", (Choice("x" * 65, "Sí"),))),
        lambda api: api.send_file(CHAT, PICTURE, Text("x" * 1025, "x" * 1025)),
        lambda api: api.set_webhook("https://chat.example/", "no spaces allowed"),
        lambda api: api.set_commands({"Ayuda": "en mayúscula"}),
        lambda api: api.set_commands({f"orden_{number}": "una de más" for number in range(101)}),
    ],
)
async def test_calls_that_the_specification_forbids_are_refused(
    telegram: tuple[TelegramPeer, TelegramApi], call: Callable[[TelegramApi], Awaitable[Any]]
) -> None:
    peer, api = telegram
    with pytest.raises((SendRefused, BadRequest)):
        await call(api)
    assert len(peer.refused) >= 1
    assert peer.calls == []
