"""Simulates a citizen's phone on WhatsApp, with the simulated Twilio of twilio_peer.py over HTTP."""

from __future__ import annotations

import json
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import unquote, urlencode

from pydantic import SecretStr
from twilio.request_validator import RequestValidator

from bot.agency.model import Agency
from bot.agency.whatsapp_templates import Templates
from bot.channels.outgoing.adapter import ChannelContext
from bot.channels.outgoing.channel import Choice
from bot.channels.whatsapp.adapter import WhatsApp, make_whatsapp
from bot.channels.whatsapp.settings import WhatsAppSettings
from bot.channels.whatsapp.setup import button_template, list_template
from bot.channels.whatsapp.signature import FORM, Fields
from bot.conversation.addresses import Addresses
from bot.conversation.files import Files
from bot.conversation.inbox import Inbox
from bot.core.settings import Settings
from bot.tickets.outbox import Outbox
from tests.channels.behaviours import Got
from tests.channels.twilio_peer import SENDER, SERVICE, SID, TOKEN, TwilioPeer, filled
from tests.channels.world import ChannelWorld, channel_world
from tests.desk_world import served

PUBLIC = "https://chat.losaromos.example"
PATH = "/channels/whatsapp"
CITIZEN = "whatsapp:+56911112222"
BUTTONS = {count: "HX" + f"{count:x}".rjust(32, "b") for count in (1, 2, 3)}
LISTS = {count: "HX" + f"{count:x}".rjust(32, "c") for count in range(1, 11)}
ANSWER = "HX" + "a" * 32


def sid(number: int) -> str:
    return f"SM{number:032x}"


@dataclass
class WhatsAppStand:
    """Simulates a citizen on WhatsApp; fulfils ``behaviours.Stand``."""

    world: ChannelWorld
    peer: TwilioPeer
    citizen: str = CITIZEN
    text_limit: int = 1600
    token: str = TOKEN
    base: dict[str, str] = field(default_factory=lambda: {"To": SENDER, "AccountSid": SID, "ApiVersion": "2010-04-01"})

    @property
    def conversation(self) -> str:
        return self.world.addresses.name(self.world.channel.channel, self.citizen)

    async def post(self, fields: dict[str, str], *, path: str = PATH, token: str = "") -> Any:
        """Posts a request signed like Twilio's; ``token`` is the account's by default."""
        pairs = list(fields.items())
        signature = RequestValidator(token or self.token).compute_signature(PUBLIC + path, Fields(pairs))
        headers = {"X-Twilio-Signature": signature, "Content-Type": FORM}
        return await self.world.client.post(path, content=urlencode(pairs), headers=headers)

    async def message(self, number: int, **fields: str) -> int:
        made = self.base | {"MessageSid": sid(number), "From": self.citizen, "NumMedia": "0", "Body": ""} | fields
        return int((await self.post(made)).status_code)

    async def write(self, text: str, *, id: int) -> int:
        return await self.message(id, Body=text, MessageType="text")

    async def press(self, choice: Choice, *, id: int) -> int:
        return await self.message(
            id, Body=choice.title, ButtonText=choice.title, ButtonPayload=choice.id, MessageType="button"
        )

    async def photo(self, *, id: int) -> int:
        url = f"https://api.twilio.com/2010-04-01/Accounts/{SID}/Messages/{sid(id)}/Media/ME1"
        return await self.message(id, NumMedia="1", MediaUrl0=url, MediaContentType0="image/jpeg", MessageType="image")

    async def place(self, latitude: float, longitude: float, *, id: int) -> int:
        return await self.message(
            id, NumMedia="0", Latitude=str(latitude), Longitude=str(longitude), MessageType="location"
        )

    async def unknown(self, *, id: int) -> int:
        return await self.message(id, MessageType="hologram", Depth="3")

    async def forged(self, text: str) -> int:
        fields = self.base | {"MessageSid": sid(1), "From": self.citizen, "Body": text}
        return int((await self.post(fields, token="guessed")).status_code)

    async def garbage(self) -> int:
        return int((await self.post({"Hello": "world", "Blank": ""})).status_code)

    def got(self) -> list[Got]:
        return [self._got(fields) for fields in self.peer.sent]

    def _got(self, fields: dict[str, Any]) -> Got:
        if "ContentSid" not in fields:
            (url,) = fields.get("MediaUrl", [""])
            return Got(bare(fields.get("Body", "")), file=unquote(url.rpartition("/")[2]))
        types = filled(self.peer.templates[fields["ContentSid"]], json.loads(fields["ContentVariables"]))
        (said,) = types.values()
        offered = said.get("actions") or said.get("items") or []
        return Got(bare(said["body"]), tuple(Choice(one["id"], one.get("title") or one["item"]) for one in offered))

    async def file(self, number: int) -> bytes:
        (url,) = self.peer.sent[number]["MediaUrl"]
        answer = await self.world.client.get(url)
        assert answer.status_code == 200
        return answer.content

    def length(self, text: str) -> int:
        return len(text.encode("utf-16-le")) // 2

    def limit_next(self, seconds: int) -> None:
        self.peer.answer_next(429, 20429, **{"Retry-After": str(seconds)})

    def refuse_next(self) -> None:
        self.peer.answer_next(400, 63014)

    def break_down(self, down: bool) -> None:
        self.peer.down = down

    def babble(self, on: bool) -> None:
        self.peer.babbling = on


def bare(text: str) -> str:
    """Removes the bold marks of the name above a staff message; the message itself stays unchanged."""
    return re.sub(r"\A\*([^*\n]+:)\*$", r"\1", text, flags=re.MULTILINE)


def settings_for(url: str, **given: Any) -> WhatsAppSettings:
    """Returns the settings of an installation that uses the simulated Twilio at ``url``."""
    return WhatsAppSettings.model_construct(
        twilio_account_sid=SID,
        twilio_auth_token=SecretStr(TOKEN),
        twilio_shared_key=SecretStr(""),
        twilio_api_url=url,
        twilio_whatsapp_from=given.get("sender", SENDER),
        twilio_messaging_service_sid=given.get("service", ""),
    )


def context_of(redis: Any, agency: Agency, inbox: Inbox, addresses: Addresses, public_url: str = PUBLIC) -> Any:
    """Returns the context from which the channel is built, without files."""
    settings = Settings.model_construct(public_url=public_url)
    return ChannelContext(settings, agency, redis, inbox, addresses, files=None)  # type: ignore[arg-type]


def peer_with_templates() -> TwilioPeer:
    types = {sid: button_template(count)["types"] for count, sid in BUTTONS.items()}
    types |= {sid: list_template(count)["types"] for count, sid in LISTS.items()}
    types[ANSWER] = {"twilio/text": {"body": "Respuesta a tu consulta: {{1}} Gracias por esperar."}}
    return TwilioPeer(templates=types)


@asynccontextmanager
async def whatsapp_stand(
    redis: Any,
    agency: Agency,
    *,
    templates: Templates | None = None,
    service: bool = False,
    **options: Any,
) -> AsyncIterator[WhatsAppStand]:
    """Starts the stand, whose agency has templates for buttons and lists unless ``templates`` are given.

    The stub of Rasa answers ``eco: <text>``, offers buttons for ``opciones``, names the choice, writes a long answer
    for ``largo``, answers ``trámite`` from an entry, and hands off for ``persona`` and ``no entendí nada``.
    """
    chosen = Templates(BUTTONS, LISTS) if templates is None else templates
    agency = replace(agency, templates=chosen)
    peer = peer_with_templates()
    async with served(peer.app()) as url:  # type: ignore[arg-type]
        given = {"sender": "", "service": SERVICE} if service else {}

        def make(inbox: Inbox, outbox: Outbox, addresses: Addresses, files: Files) -> WhatsApp:
            return make_whatsapp(settings_for(url, **given), context_of(redis, agency, inbox, addresses))

        async with channel_world(redis, agency, make, **options) as world:
            try:
                yield WhatsAppStand(world, peer)
            finally:
                await world.channel.close()
