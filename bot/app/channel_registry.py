"""Which channels are on, as the settings say, and what they need running. Called by create_app().

A channel that must be called adds its adapter to ``adapters``; its routes, its sender and its own background work
follow from that.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from fastapi import APIRouter

from bot.agency.model import Agency
from bot.channels.outgoing.channel import SendingChannel
from bot.channels.outgoing.sender import Sender
from bot.conversation.addresses import Addresses
from bot.conversation.files import Files
from bot.conversation.inbox import Mailbox
from bot.core.events import Event
from bot.core.settings import Settings
from bot.store.client import Store
from bot.tickets.outbox import Outbox

if TYPE_CHECKING:
    from bot.channels.whatsapp.adapter import WhatsApp


class Adapter(SendingChannel, Protocol):
    """A channel that is sent to, with what it does beside its routes."""

    async def fetch(self, ref: str) -> bytes:
        """A file that a citizen sent, by the opened handle. Raises SendLater or SendRefused."""
        ...

    async def run(self) -> None:
        """Work of its own, until cancelled: polling, for one that is asked for messages. Never ends by itself."""
        ...

    async def close(self) -> None:
        """Lets go of its connections."""
        ...


@dataclass(frozen=True)
class World:
    """What an adapter is made of."""

    settings: Settings
    agency: Agency
    redis: Store
    mailbox: Mailbox
    addresses: Addresses
    files: Files


@dataclass(frozen=True)
class Connected:
    """The channels that are on, besides the web. ``preview`` is WhatsApp's, of what goes out after its window."""

    adapters: tuple[Adapter, ...]
    senders: tuple[Sender, ...]
    addresses: Addresses
    preview: Callable[[Event], Awaitable[str]] | None = None

    async def file(self, sealed: str, ttl_s: int) -> bytes | None:
        """The file behind an attachment's handle; None when that is not ours, too old, or its channel is off."""
        ref = self.addresses.open(sealed, ttl_s=ttl_s) or ""
        adapter = next((one for one in self.adapters if ref.startswith(f"{one.channel}:")), None)
        return await adapter.fetch(ref) if adapter else None

    def routers(self) -> list[APIRouter]:
        return [adapter.router() for adapter in self.adapters]

    def work(self) -> list[Coroutine[Any, Any, None]]:
        """What is to run in the background as long as the app does."""
        return [*(one.run() for one in self.adapters), *(one.run() for one in self.senders)]

    async def close(self) -> None:
        for adapter in self.adapters:
            await adapter.close()


def connect(world: World) -> Connected:
    """The channels whose settings are given. SDKs are imported only then."""
    adapters: list[Adapter] = []
    if world.settings.telegram_token.get_secret_value():
        adapters.append(_telegram(world))
    preview = None
    if world.settings.twilio_account_sid:
        whatsapp = _whatsapp(world)
        adapters.append(whatsapp)
        preview = whatsapp.preview
    senders = (Sender(redis=world.redis, channel=adapter, addresses=world.addresses) for adapter in adapters)
    return Connected(tuple(adapters), tuple(senders), world.addresses, preview)


def _telegram(world: World) -> Adapter:
    from bot.channels.telegram.adapter import Telegram
    from bot.channels.telegram.api import TelegramApi

    return Telegram(
        api=TelegramApi(world.settings.telegram_token.get_secret_value(), world.settings.telegram_api_url),
        mailbox=world.mailbox,
        outbox=Outbox(world.redis),
        addresses=world.addresses,
        files=world.files,
        public_url=world.settings.public_url,
    )


def _whatsapp(world: World) -> WhatsApp:
    from bot.channels.whatsapp.adapter import make_whatsapp

    return make_whatsapp(world.settings, world.agency, world.redis, mailbox=world.mailbox, addresses=world.addresses)
