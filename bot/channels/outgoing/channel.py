"""Defines the interfaces that a channel implements.

Incoming: a route of the channel verifies a request (403 if forged), parses it into CitizenMessages, stores each with
``inbox.accept(message, address=addresses.encrypt(...))`` and only then responds to the provider.

Outgoing: the web chat needs no sender, since browsers follow the event log. A channel that delivers through a provider
is a ``SendingChannel``: its Sender (sender.py) renders each committed event into chunks and sends them one by one, in
order, rate-limited and with retries. docs/adding-a-channel.md explains how to add a channel.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Protocol, TypeVar, runtime_checkable

from fastapi import APIRouter

from bot.core.events import Event
from bot.core.messages import Attachment, Channel


@dataclass(frozen=True)
class Pace:
    """A provider's rate limits: messages per second in total, and seconds between two messages to the same person.

    ``burst`` is the number of messages that one person may get in a row before ``chat_every_s`` applies.
    """

    per_second: float
    chat_every_s: float
    burst: int = 1


@dataclass(frozen=True)
class Choice:
    """A button: its opaque id and its label; a button with ``url`` opens this address instead of sending an answer."""

    id: str
    title: str
    url: str = ""


@dataclass(frozen=True)
class Chunk:
    """One message to the provider: text in the channel's markup and within its limit, with optional choices or a file.

    With a file, the text is its caption. A channel may use a subclass. Rendering an event again must give the same
    chunks, since after a crash the sender continues with the first chunk that is not recorded as sent.
    """

    text: str
    choices: tuple[Choice, ...] = ()
    file: Attachment | None = None


P = TypeVar("P", bound=Chunk)


def with_files(chunks: Sequence[P], files: Sequence[Attachment], *, caption: P | None, alone: P) -> tuple[P, ...]:
    """Returns the text chunks, followed by one chunk per file.

    ``caption`` is the whole text as one chunk, sent with the first file instead of ``chunks``; None if the text does
    not fit. ``alone`` is a chunk without text, for a file without a caption.
    """
    if not files:
        return tuple(chunks)
    first = (replace(caption, file=files[0]),) if caption else (*chunks, replace(alone, file=files[0]))
    return (*first, *(replace(alone, file=one) for one in files[1:]))


class ChannelAdapter(Protocol):
    """A channel's routes; ``channel`` is its name in conversations, tickets and statistics."""

    channel: Channel

    def router(self) -> APIRouter:
        """Returns the HTTP and WebSocket routes through which messages arrive."""
        ...


class SendingChannel(ChannelAdapter, Protocol):
    """A channel that delivers through a provider.

    ``pace`` contains the provider's rate limits. ``idempotent`` is True if the provider drops a second request with the
    same key.
    """

    pace: Pace
    idempotent: bool

    def render(self, event: Event) -> tuple[Chunk, ...]:
        """Renders an event into chunks; () if there is nothing to send. Must be pure and must not raise."""
        ...

    async def send(self, address: str, chunk: Chunk, key: str) -> str:
        """Sends one chunk and returns the provider's message id; all attempts at a chunk have the same ``key``.

        Raises SendLater if a retry may succeed, SendRefused if no retry can.
        """
        ...


@runtime_checkable
class JoiningChannel(Protocol):
    """The optional interface of a SendingChannel that can merge several replies of one turn into one message."""

    def join(self, events: tuple[Event, ...]) -> Chunk | None:
        """Renders events as one chunk; None if they do not fit or must stay apart. Must be pure and must not raise."""
        ...
