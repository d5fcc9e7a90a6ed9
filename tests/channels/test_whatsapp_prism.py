"""Tests that Prism, an independent OpenAPI validator, accepts every request that we make to Twilio.

Every method of ``Twilio`` is covered by CALLS and every kind of message by EVENTS; the simulated Twilio of all other
tests refuses messages of another shape. Downloads of citizens' files are not in Twilio's specification and not tested
here. TWILIO_SPEC may name a file with another specification than the part of Twilio's that is stored here.
"""

from __future__ import annotations

import inspect
import json
import os
import subprocess
import time
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

import httpx
import pytest
from pydantic import SecretStr

from bot.agency.model import Agency
from bot.agency.whatsapp_templates import Templates
from bot.channels.whatsapp.adapter import make_whatsapp
from bot.channels.whatsapp.api import Account, ApiRefused, HttpxClient, Twilio
from bot.channels.whatsapp.check import Check
from bot.channels.whatsapp.render import WhatsAppChunk
from bot.channels.whatsapp.setup import button_template, list_template
from bot.conversation.addresses import Addresses
from bot.conversation.files import KeptFile
from bot.core.errors.messages import SendRefused
from bot.core.event_facts import MessageFacts, OfferedButton
from bot.core.events import Event, EventKind
from bot.core.messages import Author, Channel
from bot.run.ports import LOOPBACK, free_port, listening
from tests.channels.twilio_peer import ANYWAY, HERE, SENDER, SERVICE, SHAPES, SID, TOKEN
from tests.channels.whatsapp_stand import ANSWER, BUTTONS, CITIZEN, LISTS, PUBLIC, context_of, settings_for
from tests.eventually import PATIENCE_S, eventually_blocking
from tests.no_record import mailbox_of
from tests.node_peers import PRISM, needs_peer

HOUR_MS = 3600 * 1000
TEMPLATES = Templates(BUTTONS, LISTS, ANSWER)
MESSAGES = f"/2010-04-01/Accounts/{SID}/Messages.json"
BY_SENDER, BY_SERVICE = {"sender": SENDER}, {"sender": "", "service": SERVICE}
NO_REQUEST = {"close"}
AS_TWILIO_NAMES_IT = {"media"}  # an address that Twilio gives, not one of its specification

pytestmark = needs_peer("@stoplight/prism-cli")


def specification() -> dict[str, Any]:
    """Merges all parts, since a channel calls one address, and spells out OpenAPI's default for form arrays:
    Prism does not know it and would refuse any array.
    """
    names = (os.environ.get("TWILIO_SPEC") or "twilio_api_spec.json", "twilio_content_spec.json")
    parts = [json.loads((HERE / name).read_text("utf-8")) for name in (*names, "twilio_messaging_spec.json")]
    schemas = {name: schema for part in parts for name, schema in part["components"]["schemas"].items()}
    paths = {path: what for part in parts for path, what in part["paths"].items()}
    for form in _forms(paths):
        arrays = [name for name, schema in form["schema"]["properties"].items() if schema.get("type") == "array"]
        form["encoding"] = {name: {"style": "form", "explode": True} for name in arrays}
    components: dict[str, Any] = parts[0]["components"] | {"schemas": schemas}
    return {**parts[0], "paths": paths, "components": components}


def _forms(paths: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for operations in paths.values():
        content = operations.get("post", {}).get("requestBody", {}).get("content", {})
        if "properties" in (form := content.get("application/x-www-form-urlencoded", {})).get("schema", {}):
            yield form


@pytest.fixture(scope="module")
def prism(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    spec = tmp_path_factory.mktemp("prism") / "twilio.json"
    spec.write_text(json.dumps(specification()), encoding="utf-8")
    port = free_port()
    command = [str(PRISM), "mock", "--errors", "-h", LOOPBACK, "-p", str(port), str(spec)]
    running = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    eventually_blocking(lambda: listening(port))
    yield f"http://{LOOPBACK}:{port}"
    running.terminate()
    running.wait(timeout=PATIENCE_S)


@dataclass(frozen=True)
class Accepted:
    """A request that Prism accepted."""

    method: str
    path: str
    fields: dict[str, Any]


@pytest.fixture
def accepted(monkeypatch: pytest.MonkeyPatch) -> list[Accepted]:
    """Collects the requests that Prism accepted, in order."""
    made: list[Accepted] = []
    request = HttpxClient.request

    async def watched(self: HttpxClient, method: str, url: str, *given: Any, **named: Any) -> Any:
        answer = await request(self, method, url, *given, **named)
        made.append(Accepted(method.upper(), httpx.URL(url).path, named.get("data") or {}))
        return answer

    monkeypatch.setattr(HttpxClient, "request", watched)
    return made


# Messages


def event(author: Author, text: str, *titles: str, file: KeptFile | None = None) -> Event:
    buttons = tuple(OfferedButton(f"id-{number}", title) for number, title in enumerate(titles))
    attachments = (file.as_attachment(),) if file else ()
    return Event("1-0", "c", EventKind.MESSAGE, author, text, MessageFacts(buttons=buttons, attachments=attachments))


PICTURE = KeptFile("0" * 32, "plano de la calle.png", "image/png", 9_000)
DOCUMENT = KeptFile("1" * 32, "convenio (año 2026).pdf", "application/pdf", 90_000)
EVENTS: dict[str, tuple[Event, list[str]]] = {
    "words": (
        event(Author.ASSISTANT, "¡Hola! **Soy** Aroma 👍🏽 y [esto](https://x.cl/a_b?c=1&d=2) es +56 2"),
        ["words"],
    ),
    "long": (event(Author.ASSISTANT, "palabra " * 400), ["words"] * 2),
    "buttons": (event(Author.ASSISTANT, "¿Cuál?", "Sí", "No"), ["template"]),
    "list": (event(Author.ASSISTANT, "¿Cuál?", "¿Cómo renuevo mi licencia?", *"abc"), ["template"]),
    "numbers": (event(Author.ASSISTANT, "¿Cuál?", *(f"Opción {number}" for number in range(12))), ["words"]),
    "staff": (event(Author.STAFF, "Ya está listo.\nVen mañana."), ["words"]),
    "picture": (event(Author.STAFF, "El plano", file=PICTURE), ["file with words"]),
    "picture after many words": (event(Author.STAFF, "x " * 700, file=PICTURE), ["words", "file"]),
    "document": (event(Author.STAFF, "El convenio", file=DOCUMENT), ["words", "file"]),
}


def shape_of(fields: dict[str, Any]) -> str:
    return next(name for name, shape in SHAPES.items() if shape == fields.keys() - ANYWAY)


@pytest.mark.parametrize("name", EVENTS)
@pytest.mark.parametrize("by", [BY_SENDER, BY_SERVICE], ids=["sender", "service"])
async def test_messages_follow_the_specification(
    redis: Any, agency: Agency, prism: str, accepted: list[Accepted], name: str, by: dict[str, str]
) -> None:
    said, shapes = EVENTS[name]
    await say(redis, agency, prism, said, by)
    assert [shape_of(one.fields) for one in accepted] == shapes
    assert {(one.method, one.path) for one in accepted} == {("POST", MESSAGES)}
    sender = {"MessagingServiceSid": SERVICE} if by is BY_SERVICE else {"From": SENDER}
    assert all(one.fields.items() >= sender.items() for one in accepted)
    for fields in (one.fields for one in accepted if "MediaUrl" in one.fields):
        assert str(fields["MediaUrl"][0]).startswith(f"{PUBLIC}/archivos/")


@pytest.mark.parametrize("by", [BY_SENDER, BY_SERVICE], ids=["sender", "service"])
async def test_approved_template_follows_the_specification(
    redis: Any, agency: Agency, prism: str, accepted: list[Accepted], by: dict[str, str]
) -> None:
    await say(redis, agency, prism, EVENTS["staff"][0], by, hours_ago=30)
    (one,) = accepted
    assert (shape_of(one.fields), one.fields["ContentSid"]) == ("template", ANSWER)


async def test_messages_without_a_public_address_follow_the_specification(
    redis: Any, agency: Agency, prism: str, accepted: list[Accepted]
) -> None:
    await say(redis, agency, prism, EVENTS["words"][0], BY_SENDER, public_url="")
    assert "StatusCallback" not in accepted[0].fields


async def say(
    redis: Any,
    agency: Agency,
    url: str,
    said: Event,
    by: dict[str, str],
    hours_ago: float = 0,
    public_url: str = PUBLIC,
) -> None:
    """Sends an event through the real channel, as the sender does."""
    addresses = Addresses("s" * 40)
    inbox = mailbox_of(redis)
    context = context_of(redis, replace(agency, templates=TEMPLATES), inbox, addresses, public_url)
    channel = make_whatsapp(settings_for(url, **by), context)
    conversation = addresses.name(Channel.WHATSAPP, CITIZEN)
    await inbox.open(conversation, Channel.WHATSAPP, None)
    await redis.hset(f"v:conv:{conversation}", "inbound_at", int(time.time() * 1000 - hours_ago * HOUR_MS))
    for number, part in enumerate(channel.render(said)):
        assert (await channel.send(CITIZEN, part, f"{conversation}:1-0:{number}"))[:2] in {"SM", "MM"}
    await channel.close()


def test_events_cover_every_message_shape() -> None:
    assert {shape for _, shapes in EVENTS.values() for shape in shapes} == SHAPES.keys()


# Everything else


async def make_templates(twilio: Twilio) -> None:
    made = [button_template(count) for count in (1, 2, 3)] + [list_template(count) for count in range(1, 11)]
    sids = [await twilio.create_template(one) for one in made]
    assert all(sid.startswith("HX") for sid in sids)


async def send(twilio: Twilio) -> None:
    assert await twilio.send(CITIZEN, WhatsAppChunk("hola").content(), "")


async def template(twilio: Twilio) -> None:
    types, approval = await twilio.template(ANSWER)
    assert (isinstance(types, tuple), isinstance(approval, str)) == (True, True)


async def template_text(twilio: Twilio) -> None:
    assert isinstance(await twilio.template_text(ANSWER), str)


CALLS: dict[str, tuple[Callable[[Twilio], Awaitable[Any]], set[tuple[str, str]]]] = {
    "send": (send, {("POST", MESSAGES)}),
    "create_template": (make_templates, {("POST", "/v1/Content")}),
    "account_status": (Twilio.account_status, {("GET", f"/2010-04-01/Accounts/{SID}.json")}),
    "service": (Twilio.service, {("GET", f"/v1/Services/{SERVICE}")}),
    "senders": (Twilio.senders, {("GET", "/v2/Channels/Senders")}),
    "template_text": (template_text, {("GET", f"/v1/Content/{ANSWER}")}),
    "template": (template, {("GET", f"/v1/Content/{ANSWER}"), ("GET", f"/v1/Content/{ANSWER}/ApprovalRequests")}),
}


def account(**other: str) -> Account:
    return Account(**{"sid": SID, "token": SecretStr(TOKEN), "sender": SENDER, "service": SERVICE} | other)  # type: ignore[arg-type]


@pytest.mark.parametrize("name", CALLS)
async def test_each_call_follows_the_specification(prism: str, accepted: list[Accepted], name: str) -> None:
    call, requests = CALLS[name]
    twilio = Twilio(account(), prism)
    await call(twilio)
    await twilio.close()
    assert {(one.method, one.path) for one in accepted} == requests


def test_calls_cover_every_method_that_asks_twilio() -> None:
    methods = {name for name, _ in inspect.getmembers(Twilio, inspect.iscoroutinefunction) if name[0] != "_"}
    assert methods - NO_REQUEST - AS_TWILIO_NAMES_IT == CALLS.keys()


@pytest.mark.parametrize("service", ["", SERVICE], ids=["sender", "service"])
async def test_check_follows_the_specification(prism: str, accepted: list[Accepted], service: str) -> None:
    twilio = Twilio(account(service=service), prism)
    check = Check(account=account(service=service), twilio=twilio, templates=TEMPLATES, public_url="http://127.0.0.1:1")
    findings = [finding.line for finding in await check.findings()]
    await twilio.close()
    assert not any("Twilio respondió" in line for line in findings)
    asked = {(one.method, one.path) for one in accepted}
    reads = CALLS["account_status"][1] | CALLS["senders"][1] | (CALLS["service"][1] if service else set())
    sids = [*BUTTONS.values(), *LISTS.values(), ANSWER]
    assert asked == reads | {("GET", f"/v1/Content/{sid}{end}") for sid in sids for end in ("", "/ApprovalRequests")}


@pytest.mark.parametrize(
    "call",
    [
        lambda twilio: twilio.send(CITIZEN, {"body": "hola", "content_sid": "no-such-template"}, ""),
        lambda twilio: twilio.send(CITIZEN, {"media_url": ["https://x.cl/a.png"], "schedule_type": "never"}, ""),
        lambda twilio: twilio.create_template({"friendly_name": "x", "language": "es", "types": "none"}),
    ],
)
async def test_calls_that_the_specification_forbids_are_refused(
    prism: str, call: Callable[[Twilio], Awaitable[Any]]
) -> None:
    twilio = Twilio(account(service=""), prism)
    with pytest.raises((SendRefused, ApiRefused)):
        await call(twilio)
    await twilio.close()


@pytest.mark.parametrize("other", [{"sid": "AC1"}, {"service": "MG1"}])
async def test_ids_that_the_specification_forbids_are_refused(prism: str, other: dict[str, str]) -> None:
    twilio = Twilio(account(**other), prism)
    with pytest.raises(ApiRefused):
        await (twilio.account_status() if "sid" in other else twilio.service())
    await twilio.close()
