"""Tests that ``ventanilla whatsapp check`` explains what is wrong and ``setup`` creates the templates."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio
import yaml
from fastapi import FastAPI
from pydantic import SecretStr

from bot.agency.model import Agency
from bot.agency.whatsapp_templates import Templates, WhatsAppFile
from bot.channels.whatsapp.adapter import make_whatsapp
from bot.channels.whatsapp.check import check
from bot.channels.whatsapp.settings import WhatsAppSettings
from bot.channels.whatsapp.setup import setup
from bot.conversation.addresses import Addresses
from tests.channels.twilio_peer import SENDER, SERVICE, TwilioPeer
from tests.channels.whatsapp_stand import ANSWER, BUTTONS, LISTS, PATH, context_of, peer_with_templates, settings_for
from tests.desk_world import served
from tests.no_record import mailbox_of

ALL = Templates(BUTTONS, LISTS, ANSWER)


class Running:
    """A bot on a real port, and a simulated Twilio that is configured to call the bot."""

    def __init__(self, settings: WhatsAppSettings, public_url: str, peer: TwilioPeer) -> None:
        self.settings = settings
        self.public_url = public_url
        self.peer = peer

    async def check(self, templates: Templates = ALL, public_url: str = "", **changed: Any) -> list[str]:
        settings = self.settings.model_copy(update=changed)
        return await asyncio.to_thread(check, settings, public_url or self.public_url, templates)


@pytest_asyncio.fixture
async def running(redis: Any, agency: Agency) -> AsyncIterator[Running]:
    peer, app = peer_with_templates(), FastAPI()
    async with served(peer.app()) as api, served(app) as url:  # type: ignore[arg-type]
        settings, inbox = settings_for(api), mailbox_of(redis)
        channel = make_whatsapp(settings, context_of(redis, agency, inbox, Addresses("s" * 40), url))
        app.include_router(channel.router())
        webhook = {"callback_url": f"{url}{PATH}#rc=3&rp=all", "status_callback_url": ""}
        peer.senders = [{"sid": "XE1", "sender_id": SENDER, "status": "ONLINE", "webhook": webhook}]
        yield Running(settings, url, peer)
        await channel.close()


def crosses(lines: list[str]) -> list[str]:
    return [line for line in lines if line.startswith("✗")]


async def test_check_passes_when_everything_is_right(running: Running) -> None:
    lines = await running.check()
    assert crosses(lines) == []
    assert [line.partition(":")[0] for line in lines] == [
        "✓ Ajustes",
        "✓ Credenciales",
        "✓ Remitente",
        "✓ Dirección de aviso en Twilio",
        "✓ Plantillas",
        "✓ Dirección pública",
    ]


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({"twilio_account_sid": "AC1"}, "TWILIO_ACCOUNT_SID debe empezar"),
        ({"twilio_auth_token": SecretStr("")}, "falta TWILIO_AUTH_TOKEN"),
        ({"twilio_whatsapp_from": ""}, "falta TWILIO_WHATSAPP_FROM"),
        ({"public_url": "http://chat.example"}, "PUBLIC_URL debe ser"),
        ({"twilio_whatsapp_from": "+56200000000"}, "no es un remitente"),
        ({"twilio_auth_token": SecretStr("otro")}, "Twilio no las acepta"),
        ({"twilio_api_url": "http://127.0.0.1:1"}, "no se pudo hablar con Twilio (ConnectError)"),
        ({"public_url": "http://127.0.0.1:1"}, "no responde (ConnectError)"),
    ],
)
async def test_each_mistake_is_reported_with_its_fix(running: Running, changed: dict[str, Any], expected: str) -> None:
    assert any(expected in line for line in crosses(await running.check(**changed)))


async def test_public_address_unknown_to_the_running_bot_is_reported(running: Running) -> None:
    lines = crosses(await running.check(public_url=running.public_url + "/bot"))
    assert any("respondió 404" in line for line in lines)


async def test_webhook_of_another_service_is_reported(running: Running) -> None:
    running.peer.senders[0]["webhook"] = {"callback_url": "https://old.example/sms"}
    (line,) = crosses(await running.check())
    assert "Twilio llama a «https://old.example/sms»" in line
    assert line.endswith(f"{running.public_url}{PATH}#rc=3&rp=all")


async def test_messaging_service_is_checked(running: Running) -> None:
    running.peer.service = {
        "inbound_request_url": running.public_url + PATH,
        "use_inbound_webhook_on_number": False,
    }
    lines = await running.check(twilio_whatsapp_from="", twilio_messaging_service_sid=SERVICE)
    assert crosses(lines) == []


async def test_unknown_swapped_and_unapproved_templates_are_reported(running: Running) -> None:
    unknown, mixed = Templates({2: "HX" + "9" * 32}), Templates({2: LISTS[2]})
    assert any("no existe" in line for line in crosses(await running.check(unknown)))
    assert any("es twilio/list-picker" in line for line in crosses(await running.check(mixed)))
    assert any(
        "sin" in line or "unsubmitted" in line for line in crosses(await running.check(Templates(answer=LISTS[1])))
    )


async def test_setup_creates_missing_templates_and_prints_the_settings(running: Running) -> None:
    before = Templates({1: BUTTONS[1]}, {}, ANSWER)
    count = len(running.peer.templates)
    lines = await asyncio.to_thread(setup, running.settings, before)
    assert len(running.peer.templates) - count == 12
    written = WhatsAppFile.model_validate(yaml.safe_load(lines[1])["whatsapp"]).read()
    assert (written.buttons[1], len(written.buttons), len(written.lists), written.answer) == (BUTTONS[1], 3, 10, ANSWER)
    assert crosses(await running.check(written)) == []
    assert await asyncio.to_thread(setup, running.settings, written) == ["✓ No falta ninguna plantilla."]
