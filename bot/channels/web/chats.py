"""Opens web conversations, finds them by token, stores the citizen's messages and streams the event log.

Replies need no sender, since ``follow`` reads them from the event log. The token is the citizen's only credential; the
server stores only an HMAC of it, which is the conversation's name.
"""

from __future__ import annotations

import asyncio
import hmac
import secrets
import time
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from dataclasses import dataclass
from typing import Any

from bot.agency.model import Agency
from bot.channels.formatting.html import browser_event
from bot.channels.web.errors import (
    FileOfAnotherKind,
    FileToNobody,
    FileTooLarge,
    Invalid,
    NoNewConversations,
    NoRoomForFiles,
    SentOutOfOrder,
    TooManyFiles,
    TooManyMessages,
    UnknownToken,
)
from bot.channels.web.frames import frames_of, past_frames_of
from bot.channels.web.shapes import AnswerRatingIn, Incoming, RatingIn, Signal
from bot.conversation.addresses import Addresses
from bot.conversation.file_links import FileLinks
from bot.conversation.files import Files, KeptFile, size_in_words
from bot.conversation.inbox import Accepted, Inbox
from bot.conversation.live import Live, event_order
from bot.conversation.ratings import Ratings
from bot.conversation.signals import Signals
from bot.core.errors import DiskLow, FileKindRefused, FileTooBig, OutOfOrder
from bot.core.events import Event
from bot.core.messages import Author, Channel, CitizenMessage, Reply, Speaker
from bot.core.network import limits
from bot.core.texts import say
from bot.store.client import Store
from bot.tickets.positions import QueuePositions
from bot.tickets.tickets import Tickets
from bot.turns.rollout import Rollout

TOKEN_BYTES = 32
NAME_CHARACTERS = 32
OPENINGS_PER_ADDRESS = 60
OPENINGS_WINDOW_S = 600
MESSAGES_PER_CONVERSATION = 30
MESSAGES_PER_ADDRESS = 240  # people in a library or a school may share one address
MESSAGES_WINDOW_S = 60
FILES_PER_CONVERSATION = 10
FILES_WINDOW_S = 3600
TYPINGS = 10  # a page sends a typing signal every 3 s
TYPINGS_WINDOW_S = 20
EVENT_BATCH = 500
RESUBSCRIBE_PAUSE_S = 0.2
REBUILT_WITHIN_S = 5.0  # shorter than the time that the page waits for the welcome
REBUILT_LOOK_S = 0.2


@dataclass(frozen=True)
class Chat:
    """A web conversation with its token; ``speaker`` is who answers the citizen now."""

    token: str
    conversation: str
    speaker: Speaker


@dataclass(frozen=True)
class Upload:
    """A file uploaded by the browser."""

    name: str
    content: bytes


@dataclass(frozen=True)
class Conversations:
    """The services with which the web chat stores and reads conversations."""

    inbox: Inbox
    live: Live
    tickets: Tickets
    signals: Signals
    positions: QueuePositions
    ratings: Ratings
    files: Files
    rollout: Rollout
    accepts_new: Callable[[], bool] = lambda: True  # returns False while the disk has no room for new conversations

    @classmethod
    def from_redis(cls, redis: Store, inbox: Inbox, *, live: Live, files: Files) -> Conversations:
        """Builds the services; all but ``files`` store their data in Redis."""
        return cls(
            inbox=inbox,
            live=live,
            tickets=Tickets(redis),
            signals=Signals(redis),
            positions=QueuePositions(redis, live),
            ratings=Ratings(redis),
            files=files,
            rollout=Rollout(redis),
        )


class Chats:
    """The conversations of the web chat; every method may raise redis.RedisError."""

    def __init__(self, *, parts: Conversations, agency: Agency, secret: str) -> None:
        self._inbox = parts.inbox
        self._live = parts.live
        self._tickets = parts.tickets
        self._signals = parts.signals
        self._positions = parts.positions
        self._ratings = parts.ratings
        self._accepts_new = parts.accepts_new
        self._files = parts.files
        self._links = FileLinks(Addresses(secret))
        self._agency = agency
        self._secret = secret.encode()

    async def open(self, address: str) -> Chat:
        """Opens a conversation with the welcome message.

        Raises TooManyMessages if ``address`` opened too many, NoNewConversations while the disk is nearly full.
        """
        if not self._accepts_new():
            raise NoNewConversations()
        for name, most in self._network_limits("open", address, OPENINGS_PER_ADDRESS):
            if not await self._inbox.allow(name, most, OPENINGS_WINDOW_S):
                raise TooManyMessages()
        token = secrets.token_urlsafe(TOKEN_BYTES)
        conversation = self._name("web", token)
        await self._inbox.open(conversation, Channel.WEB, Reply(self._agency.say("bienvenida")))
        return Chat(token, conversation, Speaker.ASSISTANT)

    async def find(self, token: str) -> Chat:
        """Finds the conversation of a token; raises UnknownToken if the token is unknown or has expired.

        If Redis has lost its data, waits up to REBUILT_WITHIN_S for conversations to be restored from the record.
        """
        conversation = self._name("web", token)
        state = await self._inbox.state(conversation)
        if not state.exists:
            await self._until_rebuilt()
            state = await self._inbox.state(conversation)
        if not state.exists:
            raise UnknownToken()
        return Chat(token, conversation, state.speaker)

    async def accept(self, chat: Chat, incoming: Incoming, address: str) -> Accepted:
        """Stores a message.

        Raises TooManyMessages above the rate limit of the conversation or the address, and SentOutOfOrder if the
        previous message (``incoming.follows``) has not arrived.
        """
        await self._check_rate(chat, address)
        text = incoming.text or await self._inbox.title(chat.conversation, incoming.button or "")
        at = int(time.time() * 1000)
        message = CitizenMessage(chat.conversation, Channel.WEB, incoming.id, text, at, incoming.button)
        try:
            return await self._inbox.accept(message, follows=incoming.follows or "")
        except OutOfOrder as error:
            raise SentOutOfOrder() from error

    async def attach(self, chat: Chat, message_id: str, upload: Upload, address: str) -> Accepted:
        """Stores a file for the staff and a message that announces it; a repeated ``message_id`` stores nothing.

        Raises FileToNobody, FileTooLarge, FileOfAnotherKind, NoRoomForFiles, TooManyFiles, TooManyMessages.
        """
        if chat.speaker is Speaker.ASSISTANT:
            raise FileToNobody()
        await self._check_rate(chat, address)
        if not await self._inbox.allow(f"files:{chat.conversation}", FILES_PER_CONVERSATION, FILES_WINDOW_S):
            raise TooManyFiles()
        try:
            kept = await self._files.keep(chat.conversation, upload.name, upload.content)
        except DiskLow as error:
            raise NoRoomForFiles() from error
        except FileTooBig as error:
            raise FileTooLarge() from error
        except FileKindRefused as error:
            raise FileOfAnotherKind() from error
        accepted = await self._inbox.accept(_file_message(chat, message_id, kept))
        if accepted.repeated:
            await self._files.drop(chat.conversation, kept)
        return accepted

    async def history(self, chat: Chat, after: str) -> list[dict[str, Any]]:
        """Returns the messages after the event id ``after``, as the browser shows them, oldest first."""
        events, offices = self._backlog(chat, after), self._agency.offices
        return [shown.to_data() async for event in events if (shown := browser_event(event, self._links, offices))]

    async def follow(self, chat: Chat, after: str) -> AsyncGenerator[dict[str, Any]]:
        """Yields frames for the events after ``after``: past ones first, then live ones, without gaps or repeats.

        A frame ``{"type": "speaker", "speaker", "name"?}`` follows the past events and every change of speaker. To
        avoid gaps it subscribes first, and drops what it read twice; a subscriber who is too slow subscribes again.
        """
        last = after
        while True:
            async with self._live.subscribe(chat.conversation, signals=True) as live_events:
                async for event in self._backlog(chat, last):
                    last = event.id
                    for frame in past_frames_of(event, self._links, self._agency.offices):
                        yield frame
                speaker, *position = await self._current_frames(chat)
                for frame in (speaker, *position):
                    yield frame
                async for event in live_events:
                    if event.id and event_order(event.id) <= event_order(last):
                        continue
                    last = event.id or last
                    shown = frames_of(event, self._links, self._agency.offices)
                    for frame in [*shown, *await self._changed_speaker(chat, event, speaker)]:
                        speaker = frame if frame["type"] == "speaker" else speaker
                        yield frame
            await asyncio.sleep(RESUBSCRIBE_PAUSE_S)

    async def signal(self, chat: Chat, signal: Signal) -> None:
        """Shows the staff that the citizen is typing or has read messages, if an agent attends the citizen."""
        state = await self._inbox.state(chat.conversation)
        if state.ticket is None or state.speaker is not Speaker.STAFF:
            return
        if signal.type == "read":
            await self._signals.read(chat.conversation, Author.CITIZEN, signal.event_id)
        elif await self._inbox.allow(f"typing:{chat.conversation}", TYPINGS, TYPINGS_WINDOW_S):
            await self._signals.typing(chat.conversation, Author.CITIZEN)

    async def rate(self, chat: Chat, rating: RatingIn | AnswerRatingIn) -> None:
        """Stores the rating of a support session or of an answer; raises Invalid if the citizen may not give it."""
        await self._check_limits((f"rates:{chat.conversation}", MESSAGES_PER_CONVERSATION))
        if not await rating.give(self._ratings, chat.conversation):
            raise Invalid()

    async def _current_frames(self, chat: Chat) -> list[dict[str, Any]]:
        """Returns the frames of the current state: the speaker, then the queue position or how far staff have read."""
        state = await self._inbox.state(chat.conversation)
        ticket = await self._tickets.get(state.ticket) if state.ticket else None
        speaker: dict[str, Any] = {"type": "speaker", "speaker": state.speaker}
        if state.speaker is Speaker.STAFF and ticket and ticket.owner:
            read = await self._signals.read_up_to(chat.conversation, Author.STAFF)
            return [speaker | {"name": ticket.owner.name}, *([{"type": "read", "event_id": read}] if read else [])]
        if state.speaker is Speaker.WAITING and ticket and (position := await self._positions.of(ticket.id)):
            return [speaker, {"type": "place"} | position.to_data()]
        return [speaker]

    async def _changed_speaker(self, chat: Chat, event: Event, previous: dict[str, Any]) -> list[dict[str, Any]]:
        """Returns a list with the new speaker frame if it differs from ``previous`` after ``event``, else []."""
        if event.meaning.speaker_after is None:
            return []
        current = (await self._current_frames(chat))[0]
        return [current] if current != previous else []

    async def _backlog(self, chat: Chat, after: str) -> AsyncIterator[Event]:
        while batch := await self._inbox.events(chat.conversation, after, EVENT_BATCH):
            for event in batch:
                yield event
            after = batch[-1].id

    async def _until_rebuilt(self) -> None:
        for _ in range(round(REBUILT_WITHIN_S / REBUILT_LOOK_S)):
            if await self._tickets.filled():
                return
            await asyncio.sleep(REBUILT_LOOK_S)

    async def _check_rate(self, chat: Chat, address: str) -> None:
        of_network = self._network_limits("from", address, MESSAGES_PER_ADDRESS)
        await self._check_limits((f"chat:{chat.conversation}", MESSAGES_PER_CONVERSATION), *of_network)

    async def _check_limits(self, *limits: tuple[str, int]) -> None:
        for name, most in limits:
            if not await self._inbox.allow(name, most, MESSAGES_WINDOW_S):
                raise TooManyMessages()

    def _network_limits(self, prefix: str, address: str, most: int) -> list[tuple[str, int]]:
        """Returns the rate limits of the address's network and, for IPv6, of its site, as (name, maximum) pairs."""
        return [(f"{prefix}:{self._name('ip', one)}", limit) for one, limit in limits(address, most)]

    def _name(self, kind: str, address: str) -> str:
        return hmac.new(self._secret, f"{kind}:{address}".encode(), "sha256").hexdigest()[:NAME_CHARACTERS]


def _file_message(chat: Chat, message_id: str, kept: KeptFile) -> CitizenMessage:
    """Builds the citizen's message that announces a file."""
    return CitizenMessage(
        conversation=chat.conversation,
        channel=Channel.WEB,
        id=message_id,
        text=say("widget.archivo", nombre=kept.name, tamano=size_in_words(kept.size)),
        at=int(time.time() * 1000),
        attachments=(kept.as_attachment(),),
    )
