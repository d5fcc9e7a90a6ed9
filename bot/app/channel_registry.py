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
from bot.conversation.inbox import Inbox
from bot.core.events import Event
from bot.core.progress import Progress
from bot.core.settings import Settings
from bot.store.client import Store
from bot.tickets.outbox import Outbox

if TYPE_CHECKING:
    from bot.channels.whatsapp.adapter import WhatsApp

SENDER_LATE_S = 600.0  # a channel that is told to pause holds its conversations meanwhile


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
class ChannelContext:
    """What an adapter is made of."""

    settings: Settings
    agency: Agency
    redis: Store
    inbox: Inbox
    addresses: Addresses
    files: Files


@dataclass(frozen=True)
class Connected:
    """The channels that are on, besides the web. ``preview`` is WhatsApp's, of what goes out after its window."""

    adapters: tuple[Adapter, ...]
    senders: tuple[Sender, ...]
    addresses: Addresses
    preview: Callable[[Event], Awaitable[str]] | None = None

    async def file(self, encrypted: str, ttl_s: int) -> bytes | None:
        """The file behind an attachment's handle; None when that is not ours, too old, or its channel is off."""
        ref = self.addresses.decrypt(encrypted, ttl_s=ttl_s) or ""
        adapter = next((one for one in self.adapters if ref.startswith(f"{one.channel}:")), None)
        return await adapter.fetch(ref) if adapter else None

    def routers(self) -> list[APIRouter]:
        return [adapter.router() for adapter in self.adapters]

    def work(self, progress: Progress) -> list[Coroutine[Any, Any, None]]:
        """What is to run in the background as long as the app does."""
        beats = [progress.expect(f"sender of {one.channel}", SENDER_LATE_S) for one in self.senders]
        sending = (one.run(beat) for one, beat in zip(self.senders, beats, strict=True))
        return [*(one.run() for one in self.adapters), *sending]

    async def close(self) -> None:
        for adapter in self.adapters:
            await adapter.close()


def connect(context: ChannelContext) -> Connected:
    """The channels whose settings are given. SDKs are imported only then."""
    adapters: list[Adapter] = []
    if context.settings.telegram_token.get_secret_value():
        adapters.append(_telegram(context))
    preview = None
    if context.settings.twilio_account_sid:
        whatsapp = _whatsapp(context)
        adapters.append(whatsapp)
        preview = whatsapp.preview
    senders = (Sender(redis=context.redis, channel=adapter, addresses=context.addresses) for adapter in adapters)
    return Connected(tuple(adapters), tuple(senders), context.addresses, preview)


def _telegram(context: ChannelContext) -> Adapter:
    from bot.channels.telegram.adapter import Telegram
    from bot.channels.telegram.api import TelegramApi

    return Telegram(
        api=TelegramApi(context.settings.telegram_token.get_secret_value(), context.settings.telegram_api_url),
        inbox=context.inbox,
        outbox=Outbox(context.redis),
        addresses=context.addresses,
        files=context.files,
        public_url=context.settings.public_url,
    )


def _whatsapp(context: ChannelContext) -> WhatsApp:
    from bot.channels.whatsapp.adapter import make_whatsapp

    return make_whatsapp(
        context.settings, context.agency, context.redis, inbox=context.inbox, addresses=context.addresses
    )
