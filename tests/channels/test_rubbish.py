"""Tests a provider or proxy that answers 200 with an invalid body: every loop continues, and nothing counts as sent."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest
from pydantic import SecretStr
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from bot.agency.model import Agency
from bot.channels.telegram.adapter import Telegram
from bot.channels.telegram.api import TelegramApi
from bot.channels.telegram.message import Text
from bot.channels.whatsapp.api import Account, Twilio
from bot.conversation.addresses import Addresses
from bot.conversation.files import Files
from bot.conversation.inbox import Inbox
from bot.core.errors.messages import SendLater
from bot.tickets.outbox import Outbox
from tests.channels.twilio_peer import SENDER, SID
from tests.channels.whatsapp_stand import CITIZEN
from tests.channels.world import channel_world
from tests.desk_world import served
from tests.eventually import eventually

NO_JSON = ("<html>Bienvenido</html>", "", '{"ok": true, "result": {"message_id": 5', "\udcff")
OTHER_JSON = ("null", "[1]", "{}", '{"ok": true}', '{"ok": true, "result": true}', '{"ok": true, "result": [3, {}]}')
PERSON = {"id": 7, "is_bot": False, "first_name": "Ana"}
MESSAGE = {"message_id": 1, "date": 1764000000, "chat": {"id": 7, "type": "private"}, "from": PERSON, "text": "¿hola?"}
GOOD = json.dumps({"ok": True, "result": [{"update_id": 5, "message": MESSAGE}]})


class Provider:
    """A provider that answers with each of ``bodies`` in turn, then always with the last."""

    def __init__(self, *bodies: str) -> None:
        self.bodies = list(bodies)

    async def answer(self, _request: Request) -> Response:
        body = self.bodies.pop(0) if len(self.bodies) > 1 else self.bodies[0]
        return Response(body.encode(errors="surrogateescape"), 200, media_type="application/json")

    def app(self) -> Any:
        return Starlette(routes=[Route("/{path:path}", self.answer, methods=["GET", "POST"])])


@pytest.mark.parametrize("body", NO_JSON)
async def test_non_json_response_is_retried(body: str) -> None:
    async with served(Provider(body).app()) as url:
        telegram, twilio = TelegramApi("1:x", url), Twilio(Account(SID, SecretStr("t"), SENDER), url)
        with pytest.raises(SendLater):
            await telegram.send("7", Text("hola", "hola"))
        with pytest.raises(SendLater):
            await twilio.send(CITIZEN, {"body": "hola"}, "")
        await asyncio.gather(telegram.close(), twilio.close())


@pytest.mark.parametrize("body", OTHER_JSON)
async def test_json_of_another_shape_counts_as_sent_and_is_not_repeated(body: str) -> None:
    async with served(Provider(body).app()) as url:
        telegram = TelegramApi("1:x", url)
        assert await telegram.send("7", Text("hola", "hola")) == ""
        await telegram.close()


async def test_polling_continues_after_any_response(
    redis: Any, agency: Agency, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.channels.telegram.adapter.POLL_RETRY_S", 0.01)

    async with served(Provider(*NO_JSON, *OTHER_JSON, GOOD).app()) as url:

        def make(inbox: Inbox, outbox: Outbox, addresses: Addresses, files: Files) -> Telegram:
            api = TelegramApi("1:x", url)
            return Telegram(api=api, inbox=inbox, outbox=outbox, addresses=addresses, files=files, public_url="")

        async with channel_world(redis, agency, make, work=False) as world:
            polling = asyncio.create_task(world.channel.run())
            conversation = world.addresses.name(world.channel.channel, "7")
            feed = await eventually(lambda: world.inbox.events(conversation))
            assert [event.text for event in feed] == ["¿hola?"]
            assert not polling.done()
            polling.cancel()
            await world.channel.close()
