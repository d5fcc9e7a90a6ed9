"""Which channels are on, as the settings say, and what they need running. Called by create_app().

A channel that must be called makes its adapter in ``connect.py`` of its folder; its routes, its sender and its own
background work follow from that.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass
from typing import Any

from fastapi import APIRouter

from bot.channels.folders import connects
from bot.channels.outgoing.adapter import Adapter, ChannelContext, PreviewingChannel
from bot.channels.outgoing.sender import Sender
from bot.conversation.addresses import Addresses
from bot.core.events import Event
from bot.core.messages import Channel


@dataclass(frozen=True)
class Connected:
    """The channels that are on, besides the web."""

    adapters: tuple[Adapter, ...]
    senders: tuple[Sender, ...]
    addresses: Addresses

    @property
    def previews(self) -> dict[Channel, Callable[[Event], Awaitable[str]]]:
        """How each channel that can tell words a reply once its window is closed."""
        return {one.channel: one.preview for one in self.adapters if isinstance(one, PreviewingChannel)}

    async def file(self, encrypted: str, ttl_s: int) -> bytes | None:
        """The file behind an attachment's handle; None when that is not ours, too old, or its channel is off."""
        ref = self.addresses.decrypt(encrypted, ttl_s=ttl_s) or ""
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


def connect(context: ChannelContext) -> Connected:
    """The channels whose settings are given. SDKs are imported only then."""
    adapters = tuple(adapter for make in connects() if (adapter := make(context)))
    senders = (Sender(redis=context.redis, channel=adapter, addresses=context.addresses) for adapter in adapters)
    return Connected(adapters, tuple(senders), context.addresses)
