"""Builds the adapters and senders of the channels that the settings configure.

A new channel that delivers through a provider needs only ``connect.py`` in its folder: its routes, sender and
background work are then found automatically.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Coroutine, Sequence
from dataclasses import dataclass
from typing import Any

from fastapi import APIRouter

from bot.channels.folders import connects
from bot.channels.outgoing.adapter import (
    Adapter,
    ChannelContext,
    PollingChannel,
    PreviewingChannel,
    RetractingChannel,
)
from bot.channels.outgoing.sender import Sender
from bot.conversation.addresses import Addresses
from bot.core.errors.messages import SendLater, SendRefused
from bot.core.events import Event
from bot.core.logs import log
from bot.core.messages import Channel
from bot.core.progress import Progress
from bot.store.consumer import DRAIN_TIMEOUT_S

SENDER_LATE_S = 2 * DRAIN_TIMEOUT_S  # a provider's rate limit may pause all conversations until their timeout


@dataclass(frozen=True)
class Connected:
    """The adapters and senders of the configured channels; the web chat has neither."""

    adapters: tuple[Adapter, ...]
    senders: tuple[Sender, ...]
    addresses: Addresses

    @property
    def sending(self) -> list[Channel]:
        """Returns the channels that have a sender."""
        return [one.channel for one in self.senders]

    @property
    def previews(self) -> dict[Channel, Callable[[Event], Awaitable[str]]]:
        """Maps channels to functions that render a reply as it is sent once the reply window has closed.

        Channels without a reply window are left out.
        """
        return {one.channel: one.preview for one in self.adapters if isinstance(one, PreviewingChannel)}

    async def file(self, encrypted: str, ttl_s: int) -> bytes | None:
        """Fetches the file behind an encrypted handle.

        Returns None if the handle has expired or another secret encrypted it, or if its channel is not configured.
        Raises SendLater, SendRefused.
        """
        ref = self.addresses.decrypt(encrypted, ttl_s=ttl_s) or ""
        adapter = next((one for one in self.adapters if ref.startswith(f"{one.channel}:")), None)
        return await adapter.fetch(ref) if adapter else None

    async def retract(self, channel: str, encrypted: str, sent: Sequence[str]) -> None:
        """Deletes the messages with the provider's ids ``sent`` from the chat at an encrypted address.

        Does nothing if the provider cannot delete messages or the address cannot be decrypted; errors are only logged.
        """
        adapter = next((one for one in self.adapters if one.channel == channel), None)
        address = self.addresses.decrypt(encrypted)
        if address is None or not isinstance(adapter, RetractingChannel):
            return
        for sent_id in sent:
            try:
                await adapter.retract(address, sent_id)
            except (SendLater, SendRefused) as error:
                log.warning("privacy: message stays at the provider", channel=channel, reason=error.reason)

    def routers(self) -> list[APIRouter]:
        return [adapter.router() for adapter in self.adapters]

    def work(self, progress: Progress) -> list[Coroutine[Any, Any, None]]:
        """Returns the coroutines of all adapters and senders, which must run as long as the app does."""
        for adapter in self.adapters:
            if isinstance(adapter, PollingChannel) and adapter.polls:
                adapter.beat_with(progress.expect(f"polling of {adapter.channel}", SENDER_LATE_S))
        beats = [progress.expect(f"sender of {one.channel}", SENDER_LATE_S) for one in self.senders]
        sending = (one.run(beat) for one, beat in zip(self.senders, beats, strict=True))
        return [*(one.run() for one in self.adapters), *sending]

    async def close(self) -> None:
        for adapter in self.adapters:
            await adapter.close()


def connect(context: ChannelContext) -> Connected:
    """Builds the channels whose credentials are set; the SDKs of other channels are not imported."""
    adapters = tuple(adapter for make in connects() if (adapter := make(context)))
    senders = (Sender(redis=context.redis, channel=adapter, addresses=context.addresses) for adapter in adapters)
    return Connected(adapters, tuple(senders), context.addresses)
