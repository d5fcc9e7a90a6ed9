"""Defines the argument and the result of ``connect()``, which each channel with a provider defines in connect.py.

Also defines the interfaces of channels that poll, or can preview or delete messages.
"""

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
from bot.core.progress import Beat
from bot.core.settings import Settings
from bot.store.client import Store


class Adapter(SendingChannel, Protocol):
    """A channel that delivers through a provider; also downloads files and runs background work."""

    async def fetch(self, ref: str) -> bytes:
        """Downloads a citizen's file; ``ref`` is the decrypted handle. Raises SendLater, SendRefused."""
        ...

    async def run(self) -> None:
        """Runs the channel's background work, such as polling, until cancelled; never returns before shutdown."""
        ...

    async def close(self) -> None:
        """Closes the channel's connections."""
        ...


@runtime_checkable
class PollingChannel(Protocol):
    """An adapter that fetches citizens' messages from its provider."""

    @property
    def polls(self) -> bool:
        """Returns whether the adapter polls its provider now, because the provider cannot reach the bot."""
        ...

    def beat_with(self, beat: Beat) -> None:
        """Stores the function that ``run`` calls before each poll."""
        ...


@runtime_checkable
class PreviewingChannel(Protocol):
    """An adapter that can preview how it changes the text of a reply after the reply window has closed."""

    async def preview(self, event: Event) -> str:
        """Returns the text that is sent for the event once the reply window has closed.

        Raises SendRefused if the event cannot be sent, SendLater if the provider is unavailable.
        """
        ...


@runtime_checkable
class RetractingChannel(Protocol):
    """An adapter whose provider can delete a message that we sent."""

    async def retract(self, address: str, sent_id: str) -> None:
        """Deletes a sent message; ``sent_id`` is what ``send`` returned. Raises SendLater, SendRefused."""
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


# The type of ``connect``, which returns None if the channel is not configured.
Connect = Callable[[ChannelContext], Adapter | None]
