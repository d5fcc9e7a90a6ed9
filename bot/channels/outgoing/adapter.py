"""What ``connect()`` of a channel's folder is given and returns. Called by bot/app/channel_registry.py."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from bot.agency.model import Agency
from bot.channels.outgoing.channel import SendingChannel
from bot.conversation.addresses import Addresses
from bot.conversation.files import Files
from bot.conversation.inbox import Inbox
from bot.core.events import Event
from bot.core.settings import Settings
from bot.store.client import Store


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


@runtime_checkable
class PreviewingChannel(Protocol):
    """What an Adapter adds that words a reply otherwise once its window is closed."""

    async def preview(self, event: Event) -> str:
        """The event as it goes out then. Raises SendRefused when it would not, SendLater while nobody can say it."""
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


Connect = Callable[[ChannelContext], Adapter | None]
"""``connect`` of ``connect.py`` in a channel's folder: None when its settings are not given."""
