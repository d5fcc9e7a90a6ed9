"""What every way of writing to the agency has in common. Implemented by webchat.py, telegram.py and whatsapp.py.

In: a route of the channel verifies a request (403 when forged), reads it into CitizenMessages, keeps each with
``mailbox.accept(message, address=addresses.seal(...))`` and only then answers the provider.

Out: nothing to do for a channel that follows the feed by itself (the web). A channel that must be called is a
``SendingChannel``: the sender of bot/tickets/outbox.py renders each event into parts once it is committed and
sends them one by one, in order, paced and with retries. docs/adding-a-channel.md goes through it step by step.
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
    """How fast a provider lets us send: messages a second in all, and seconds between two to the same person.

    ``burst`` is how many to one person may follow at once before ``chat_every_s`` is asked for.
    """

    per_second: float
    chat_every_s: float
    burst: int = 1


@dataclass(frozen=True)
class Choice:
    """A button as it travels: the opaque id and what is written on it."""

    id: str
    title: str


@dataclass(frozen=True)
class Chunk:
    """One message as the provider takes it: text in the channel's own markup and within its limit, perhaps choices, or
    a file that is kept here, to which the text is the caption.

    A channel may send a subclass of its own. Rendering an event again must give the same parts: after a crash the
    sender goes on with the first part that is not recorded as sent.
    """

    text: str
    choices: tuple[Choice, ...] = ()
    file: Attachment | None = None


P = TypeVar("P", bound=Chunk)


def with_files(chunks: Sequence[P], files: Sequence[Attachment], *, caption: P | None, alone: P) -> tuple[P, ...]:
    """The parts and behind them the files, one part each; all of the text as ``caption`` of the first where it can be.

    ``alone`` is a part without text, for a file that goes by itself.
    """
    if not files:
        return tuple(chunks)
    first = (replace(caption, file=files[0]),) if caption else (*chunks, replace(alone, file=files[0]))
    return (*first, *(replace(alone, file=one) for one in files[1:]))


class ChannelAdapter(Protocol):
    """One channel. ``channel`` names it in conversations, tickets and figures."""

    channel: Channel

    def router(self) -> APIRouter:
        """The HTTP and WebSocket routes by which its messages arrive."""
        ...


class SendingChannel(ChannelAdapter, Protocol):
    """A channel that must be called to deliver. ``idempotent``: the provider drops a second send with the same key."""

    pace: Pace
    idempotent: bool

    def render(self, event: Event) -> tuple[Chunk, ...]:
        """The event as this channel says it; empty when there is nothing to send. Pure, and never raises."""
        ...

    async def send(self, address: str, chunk: Chunk, key: str) -> str:
        """Sends one part; ``key`` is the same for each attempt at the same part. Returns the provider's message id.

        Raises SendLater when the same may work later, SendRefused when it cannot.
        """
        ...


@runtime_checkable
class JoiningChannel(Protocol):
    """What a SendingChannel adds whose provider counts messages: several replies of one turn as one message."""

    def join(self, events: tuple[Event, ...]) -> Chunk | None:
        """The events as one message; None when they do not fit, or should stay apart. Pure, and never raises."""
        ...
