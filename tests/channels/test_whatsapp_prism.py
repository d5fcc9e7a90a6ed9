"""Prism, an independent judge of OpenAPI, accepts every request that we make to Twilio.

With ``TWILIO_SPEC`` against another specification than the part of Twilio's own that is kept here (all of it, say).
"""

from __future__ import annotations

import asyncio
import os
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from pydantic import SecretStr

from bot.channels.whatsapp_api import Account, ApiRefused, Twilio
from bot.channels.whatsapp_render import WhatsAppPart, answer_template, render
from bot.channels.whatsapp_setup import button_template, list_template
from bot.channels.whatsapp_webhook import OVERRIDES, STATUS_PATH
from bot.messages import Author, Event
from bot.run.ports import LOOPBACK, free_port
from bot.templates import Templates
from tests.channels.twilio_peer import HERE, SENDER, SERVICE, SID, TOKEN
from tests.channels.whatsapp_stand import ANSWER, BUTTONS, CITIZEN, LISTS, PUBLIC
from tests.node_peers import PRISM, needs_peer

PATIENCE_S = 60
TEMPLATES = Templates(BUTTONS, LISTS, ANSWER)

pytestmark = needs_peer("@stoplight/prism-cli")


def mock(spec: Path) -> Iterator[str]:
    port = free_port()
    command = [str(PRISM), "mock", "--errors", "-h", LOOPBACK, "-p", str(port), str(spec)]
    running = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    url, deadline = f"http://{LOOPBACK}:{port}", time.monotonic() + PATIENCE_S
    while time.monotonic() < deadline:
        try:
            httpx.get(url, timeout=1)
            break
        except httpx.TransportError:
            time.sleep(0.2)
    yield url
    running.terminate()
    running.wait(timeout=10)


@pytest.fixture(scope="module")
def api() -> Iterator[str]:
    yield from mock(Path(os.environ.get("TWILIO_SPEC") or HERE / "twilio_api_spec.json"))


@pytest.fixture(scope="module")
def content() -> Iterator[str]:
    yield from mock(HERE / "twilio_content_spec.json")


def event(author: Author, text: str, *titles: str) -> Event:
    buttons = [{"id": f"id-{number}", "title": title} for number, title in enumerate(titles)]
    return Event("1-0", "c", "message", author, text, {"buttons": buttons})


EVENTS = {
    "words": event(Author.ASSISTANT, "¡Hola! **Soy** Aroma 👍🏽 y [esto](https://x.cl/a_b?c=1&d=2) es +56 2"),
    "long": event(Author.ASSISTANT, "palabra " * 800),
    "buttons": event(Author.ASSISTANT, "¿Cuál?", "Sí", "No"),
    "list": event(
        Author.ASSISTANT, "¿Cuál?", "¿Cómo renuevo mi licencia?", "¿Cuánto cuesta?", "Otra", "Ninguna de estas"
    ),
    "numbers": event(Author.ASSISTANT, "¿Cuál?", *(f"Opción {number}" for number in range(12))),
    "staff": event(Author.STAFF, "Ya está listo.\nVen mañana."),
}


@pytest.mark.parametrize("name", sorted(EVENTS))
@pytest.mark.parametrize("service", [False, True])
async def test_messages(api: str, name: str, service: bool) -> None:
    by = {"service": SERVICE} if service else {"sender": SENDER}
    twilio = Twilio(Account(SID, SecretStr(TOKEN), **by), api)
    parts = list(render(EVENTS[name], TEMPLATES, PUBLIC))
    parts += [late for part in parts if (late := answer_template(part, TEMPLATES))]
    sids = [await twilio.send(CITIZEN, part.content(), f"{PUBLIC}{STATUS_PATH}{OVERRIDES}") for part in parts]
    await twilio.close()
    assert [sid[:2] for sid in sids] == ["SM"] * len(parts)


async def test_templates(content: str) -> None:
    twilio = Twilio(Account(SID, SecretStr(TOKEN), SENDER), content)
    made = [button_template(count) for count in (1, 2, 3)] + [list_template(count) for count in range(1, 11)]
    sids = [await twilio.create_template(one) for one in made]
    await twilio.close()
    assert all(sid.startswith("HX") for sid in sids)


async def test_what_check_asks(api: str, content: str) -> None:
    account, templates = (Twilio(Account(SID, SecretStr(TOKEN), SENDER), url) for url in (api, content))
    assert await account.account_status() in {"active", "suspended", "closed"}
    types, _ = await templates.template(ANSWER)
    assert isinstance(types, tuple)
    await asyncio.gather(account.close(), templates.close())


async def test_what_the_specification_forbids_is_refused(api: str) -> None:
    twilio = Twilio(Account(SID, SecretStr(TOKEN), service="no-such-service"), api)
    with pytest.raises(Exception, match="refused"):
        await twilio.send(CITIZEN, WhatsAppPart("hola").content(), "")
    other = Twilio(Account("AC1", SecretStr(TOKEN), SENDER), api)
    with pytest.raises(ApiRefused):
        await other.account_status()
    await asyncio.gather(twilio.close(), other.close())
