"""Builds the adapters and senders of the channels that the settings configure.

A new channel that delivers through a provider only adds its adapter in ``connect``: routes, sender and background work
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
    """A channel that delivers through a provider, with its downloads, background work and connections."""

    async def fetch(self, ref: str) -> bytes:
        """Downloads a citizen's file; ``ref`` is the decrypted handle. Raises SendLater, SendRefused."""
        ...

    async def run(self) -> None:
        """Runs the channel's background work, such as polling, until cancelled; never returns before shutdown."""
        ...

    async def close(self) -> None:
        """Closes the channel's connections."""
        ...


@dataclass(frozen=True)
class ChannelContext:
    """The settings and services that an adapter is built from."""

    settings: Settings
    agency: Agency
    redis: Store
    inbox: Inbox
    addresses: Addresses
    files: Files


@dataclass(frozen=True)
class Connected:
    """The configured channels except the web.

    ``preview`` renders what WhatsApp delivers for an event after the 24-hour window; None without WhatsApp.
    """

    adapters: tuple[Adapter, ...]
    senders: tuple[Sender, ...]
    addresses: Addresses
    preview: Callable[[Event], Awaitable[str]] | None = None

    async def file(self, encrypted: str, ttl_s: int) -> bytes | None:
        """Fetches the file behind an encrypted handle; None if it is foreign or expired, or its channel is off."""
        ref = self.addresses.decrypt(encrypted, ttl_s=ttl_s) or ""
        adapter = next((one for one in self.adapters if ref.startswith(f"{one.channel}:")), None)
        return await adapter.fetch(ref) if adapter else None

    def routers(self) -> list[APIRouter]:
        return [adapter.router() for adapter in self.adapters]

    def work(self, progress: Progress) -> list[Coroutine[Any, Any, None]]:
        """Returns the coroutines of all adapters and senders, to run as long as the app does."""
        beats = [progress.expect(f"sender of {one.channel}", SENDER_LATE_S) for one in self.senders]
        sending = (one.run(beat) for one, beat in zip(self.senders, beats, strict=True))
        return [*(one.run() for one in self.adapters), *sending]

    async def close(self) -> None:
        for adapter in self.adapters:
            await adapter.close()


def connect(context: ChannelContext) -> Connected:
    """Builds the channels whose credentials are set, and imports only their SDKs."""
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
