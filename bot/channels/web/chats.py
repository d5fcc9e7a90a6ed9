"""Opens web conversations, finds them by token, stores the citizen's messages and streams the event log.

Replies need no sender, since ``follow`` reads them from the event log. The token is the citizen's only credential; the
server stores only an HMAC of it, which is the conversation's name.
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from dataclasses import dataclass
from typing import Any

from bot.agency.model import Agency
from bot.channels.formatting.shown_event import browser_event
from bot.channels.web.chat_limits import ChatLimits, name_of
from bot.channels.web.errors import Invalid, NoNewConversations, SentOutOfOrder, UnknownToken
from bot.channels.web.frames import frames_of, past_frames_of
from bot.channels.web.shapes import AnswerRatingIn, Incoming, RatingIn, Signal
from bot.channels.web.uploads import Upload, Uploads
from bot.conversation.addresses import Addresses
from bot.conversation.file_links import FileLinks
from bot.conversation.files import Files
from bot.conversation.inbox import Accepted, Inbox
from bot.conversation.live import Live, event_order
from bot.conversation.ratings import Ratings
from bot.conversation.signals import Signals
from bot.core.clock import now_ms
from bot.core.errors.messages import ConversationGone, OutOfOrder
from bot.core.events import Event
from bot.core.messages import Author, Channel, CitizenMessage, Place, Reply, Speaker
from bot.core.secrets.encryption import Secrets
from bot.store.client import Store
from bot.tickets.positions import QueuePositions
from bot.tickets.tickets import Tickets
from bot.turns.rollout import Rollout

TOKEN_BYTES = 32
EVENT_BATCH = 500
RESUBSCRIBE_PAUSE_S = 0.2
REBUILT_WITHIN_S = 5.0  # shorter than the time that the page waits for the welcome
REBUILT_LOOK_S = 0.2


@dataclass(frozen=True)
class Chat:
    """A web conversation with its token; ``speaker`` is the party that answers the citizen now."""

    token: str
    conversation: str
    speaker: Speaker


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
        self._links = FileLinks(Addresses(secret))
        self._agency = agency
        self._naming = Secrets.of(secret).naming.encode()
        self._limits = ChatLimits(parts.inbox, secret)
        self._uploads = Uploads(parts.inbox, parts.files, self._limits)

    async def open(self, address: str) -> Chat:
        """Opens a conversation with the welcome message.

        Raises TooManyMessages if the network of ``address`` opened too many, and NoNewConversations while the disk is
        nearly full.
        """
        if not self._accepts_new():
            raise NoNewConversations()
        await self._limits.opening(address)
        token = secrets.token_urlsafe(TOKEN_BYTES)
        conversation = self._name(token)
        await self._inbox.open(conversation, Channel.WEB, Reply(self._agency.say("bienvenida")))
        return Chat(token, conversation, Speaker.ASSISTANT)

    async def find(self, token: str) -> Chat:
        """Finds the conversation of a token; raises UnknownToken if the token is unknown or has expired.

        If Redis has lost its data, waits up to REBUILT_WITHIN_S seconds for its conversations to be restored.
        """
        conversation = self._name(token)
        state = await self._inbox.state(conversation)
        if not state.exists:
            await self._until_rebuilt()
            state = await self._inbox.state(conversation)
        if not state.exists:
            raise UnknownToken()
        return Chat(token, conversation, state.speaker)

    async def accept(self, chat: Chat, incoming: Incoming, address: str) -> Accepted:
        """Stores a message; the text of a pressed button is the button's title.

        Raises TooManyMessages above the rate limit of the conversation or the address, SentOutOfOrder if the previous
        message (``incoming.follows``) has not arrived, and UnknownToken if the conversation was erased meanwhile.
        """
        await self._limits.message(chat.conversation, address, incoming.id, len(incoming.text))
        text = incoming.text or await self._inbox.title(chat.conversation, incoming.button or "")
        at = now_ms()
        place = Place(incoming.place.latitude, incoming.place.longitude) if incoming.place else None
        message = CitizenMessage(chat.conversation, Channel.WEB, incoming.id, text, at, incoming.button, place=place)
        try:
            sender = self._limits.sender(address)
            return await self._inbox.accept(message, follows=incoming.follows or "", sender=sender, opened=True)
        except OutOfOrder as error:
            raise SentOutOfOrder() from error
        except ConversationGone as error:
            raise UnknownToken() from error

    async def attach(self, chat: Chat, upload: Upload, address: str) -> Accepted:
        """Stores an uploaded file and its message for the staff; raises the errors of Uploads.take."""
        return await self._uploads.take(chat.conversation, upload, address)

    async def history(self, chat: Chat, after: str) -> list[dict[str, Any]]:
        """Returns the messages after the event id ``after``, as the browser shows them, oldest first."""
        events, how = self._backlog(chat, after), (self._links, self._agency.offices, self._agency.map_template)
        return [shown.to_data() async for event in events if (shown := browser_event(event, *how))]

    async def follow(self, chat: Chat, after: str) -> AsyncGenerator[dict[str, Any]]:
        """Yields frames for the events after ``after``: past events first, then live events, none missing or repeated.

        A frame ``{"type": "speaker", "speaker", "name"?}`` follows the past events and every change of speaker. So that
        no event is missed, subscribes before it reads past events, and drops repeats; subscribes again if it falls
        behind.
        """
        last, how = after, (self._links, self._agency.offices, self._agency.map_template)
        while True:
            async with self._live.subscribe(chat.conversation, signals=True) as live_events:
                async for event in self._backlog(chat, last):
                    last = event.id
                    for frame in past_frames_of(event, *how):
                        yield frame
                speaker, *position = await self._current_frames(chat)
                for frame in (speaker, *position):
                    yield frame
                async for event in live_events:
                    if event.id and event_order(event.id) <= event_order(last):
                        continue
                    last = event.id or last
                    shown = frames_of(event, *how)
                    for frame in [*shown, *await self._changed_speaker(chat, event, speaker)]:
                        speaker = frame if frame["type"] == "speaker" else speaker
                        yield frame
            await asyncio.sleep(RESUBSCRIBE_PAUSE_S)

    async def signal(self, chat: Chat, signal: Signal) -> None:
        """Shows the staff that the citizen is typing or has read messages, if an agent is attending the citizen."""
        state = await self._inbox.state(chat.conversation)
        if state.ticket is None or state.speaker is not Speaker.STAFF:
            return
        if signal.type == "read":
            await self._signals.read(chat.conversation, Author.CITIZEN, signal.event_id)
        elif await self._limits.typing(chat.conversation):
            await self._signals.typing(chat.conversation, Author.CITIZEN)

    async def rate(self, chat: Chat, rating: RatingIn | AnswerRatingIn) -> None:
        """Stores the rating of a support session or of an answer.

        Raises Invalid if the citizen may not give it, and TooManyMessages above the rate limit.
        """
        await self._limits.rating(chat.conversation)
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

    def _name(self, token: str) -> str:
        return name_of(self._naming, "web", token)
