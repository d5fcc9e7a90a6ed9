"""Second step of a message: durable, in order, once. Called by the channels (accept) and by the worker (take, commit).

A message is appended to its conversation's feed and mail before the channel is answered. A conversation with mail is on
the work queue exactly once; the worker that takes it answers its messages in order and lets it go when no mail is
left. ``commit`` applies a turn only if its messages are still the oldest mail, so a worker that was given up for dead
changes nothing when it wakes.
"""

from __future__ import annotations

import asyncio
import json
import unicodedata
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from sqlalchemy.exc import SQLAlchemyError

from bot.conversation.change import Change
from bot.conversation.feed_line import event_from, event_of
from bot.conversation.masking import masked
from bot.conversation.state import ConversationState, state_from
from bot.core.event_facts import MessageFacts
from bot.core.events import NO_FACTS, Event, EventKind
from bot.core.json_fields import JsonFields
from bot.core.logs import log
from bot.core.messages import Channel, CitizenMessage, Handoff, Reply, Speaker
from bot.store import keys
from bot.store.client import Store
from bot.store.commands import ask_all, ask_both
from bot.store.scripts import Script

SUMMARY_CHARACTERS = 280
BUTTONS_AMONG_EVENTS = 200
RESTORE_TIMEOUT_S = 2.0
"""A citizen waits no longer for the record's tickets to come back without being told."""


@dataclass(frozen=True)
class Accepted:
    """What became of an incoming message: its feed id, whether it was a repeat, and whose turn it is."""

    event_id: str
    repeated: bool
    speaker: Speaker


class Committed(StrEnum):
    """Whether a turn was applied; if not, whether someone else answered, the speaker changed meanwhile, an answer still
    waits for a person's OK, or Redis was lost and the record's tickets are not back yet."""

    OK = "ok"
    EMPTY = "empty"
    STALE = "stale"
    SPEAKER_CHANGED = "speaker"
    HELD = "held"


Restore = Callable[[], Awaitable[object]]


class Inbox:
    """Conversations in Redis. Every method is one round trip and may raise redis.RedisError when Redis is away.

    ``restore`` brings back the record's open tickets when Redis was lost: until it has, no ticket is opened here. It
    may go on for longer than somebody waits for it.
    """

    def __init__(self, redis: Store, restore: Restore) -> None:
        self._redis = redis
        self._restore = restore
        self._open = Script(redis, "open")
        self._accept = Script(redis, "accept")
        self._commit = Script(redis, "commit")
        self._release = Script(redis, "release")
        self._defer = Script(redis, "defer")
        self._park = Script(redis, "park")
        self._allow = Script(redis, "limit_rate")
        self._note = Script(redis, "add_event")
        self._tell = Script(redis, "notify")
        self._reassure = Script(redis, "reassure")

    async def open(self, conversation: str, channel: Channel, welcome: Reply | None, *, address: str = "") -> bool:
        """Makes the conversation and greets once; False when it already existed. ``address`` as in ``accept``."""
        events = [event_of(welcome)] if welcome else []
        made = await self._open(conversation=conversation, channel=channel, welcome=events, address=address)
        return bool(made == 1)

    async def accept(self, message: CitizenMessage, *, address: str = "") -> Accepted:
        """Keeps a message; a repeat (same conversation and id) changes nothing and names the first one's feed id.

        ``address``: where answers are sent, sealed (addresses.py); '' for a channel that reads its feed by itself.
        """
        message = CitizenMessage.from_dict(_readable_in(message.to_dict()))
        event_id, repeated, speaker = await self._accept(
            conversation=message.conversation,
            channel=message.channel,
            id=message.id,
            text=message.text,
            masked=masked(message.text),
            data=json.dumps(MessageFacts.of_citizen(message).to_data()),
            message=message.to_dict(),
            address=address,
        )
        return Accepted(event_id, repeated == 1, Speaker(speaker))

    async def mail(self, conversation: str) -> list[CitizenMessage]:
        """Unanswered messages, oldest first."""
        raw = await self._redis.lrange(keys.inbox_key(conversation), 0, -1)
        return [CitizenMessage.from_dict(json.loads(line)) for line in raw]

    async def unanswered(self, conversation: str) -> list[CitizenMessage]:
        """What was written to a person who has not replied since, a turn having taken it or not; oldest first."""
        ((kept, mail),) = await ask_both(
            self._redis,
            lambda ask, one: ask.lrange(keys.unanswered_key(one), 0, -1),
            lambda ask, one: ask.lrange(keys.inbox_key(one), 0, -1),
            [conversation],
            at_once=True,
        )
        return [CitizenMessage.from_dict(json.loads(line)) for line in (*kept, *mail)]

    async def waiting(self, conversations: list[str]) -> list[int]:
        """How many messages of each conversation are unanswered."""
        return await ask_all(self._redis, lambda ask, one: ask.llen(keys.inbox_key(one)), conversations)

    async def state(self, conversation: str) -> ConversationState:
        return (await self.states([conversation]))[0]

    async def states(self, conversations: list[str]) -> list[ConversationState]:
        """How each conversation stands, in one round trip."""
        answers = await ask_both(
            self._redis,
            lambda ask, one: ask.hgetall(keys.conversation_key(one)),
            lambda ask, one: ask.sismember(keys.NOTICES_OFF, one),
            conversations,
        )
        return [state_from(raw, bool(off)) for raw, off in answers]

    async def commit(
        self,
        messages: list[CitizenMessage],
        replies: tuple[Reply, ...],
        *,
        speaker: Speaker,
        change: Change,
        handoff: Handoff | None = None,
    ) -> Committed:
        """Answers ``messages`` (the oldest mail of one conversation) with ``replies`` in one atomic step."""
        words = "\n".join(message.text for message in messages)
        turn = {
            "conversation": messages[0].conversation,
            "speaker": speaker,
            "ids": [message.id for message in messages],
            "events": [event_of(reply) for reply in replies],
            "change": change.to_dict(),
            "handoff": ticket_of(handoff, words) if handoff else None,
        }
        answered = await self._commit(**turn)
        if answered == Committed.EMPTY:
            await self._wait_for_restore()
            answered = await self._commit(**turn)
        return Committed(answered)

    async def reassure(self, message: CitizenMessage, replies: tuple[Reply, ...], enough_ms: int) -> bool:
        """Says ``replies`` to who wrote ``message``, once, while the record's tickets are not here; not when the same
        was said to a message of less than ``enough_ms`` before. The message stays unanswered."""
        said = await self._reassure(
            conversation=message.conversation,
            at=message.at,
            enough_ms=enough_ms,
            events=[event_of(reply) for reply in replies],
        )
        return bool(said == 1)

    async def release(self, conversation: str, ready_id: str) -> bool:
        """Lets the conversation go; False when mail arrived meanwhile."""
        return bool(await self._release(conversation=conversation, entry=ready_id) == 1)

    async def park(self, conversation: str, ready_id: str, messages: int) -> bool:
        """Lets the conversation go with its ``messages`` unanswered until the proposal there is decided; False when it
        is, or there is other mail."""
        return bool(await self._park(conversation=conversation, entry=ready_id, messages=messages) == 1)

    async def requeue(self, conversation: str, ready_id: str) -> None:
        """Puts a conversation that still has mail behind the others."""
        await self._defer(conversation=conversation, entry=ready_id)

    async def feed(self, conversation: str, after: str = "0", limit: int = 500, *, staff: bool = False) -> list[Event]:
        """Events later than the feed id ``after``, oldest first; with ``staff`` also what no citizen may see.

        Empty only when there are no more.
        """
        while True:
            minimum = f"({after}" if after not in {"", "0"} else "-"
            rows = await self._redis.xrange(keys.log_key(conversation), min=minimum, count=limit)
            events = [event_from(conversation, event_id, fields) for event_id, fields in rows]
            shown = [event for event in events if staff or not event.meaning.staff_only]
            if shown or len(rows) < limit:
                return shown
            after = events[-1].id

    async def latest(self, conversations: list[str], limit: int) -> list[list[Event]]:
        """The newest events of each conversation, oldest first, in one round trip; never what only staff may see."""
        answers = await ask_all(
            self._redis, lambda ask, one: ask.xrevrange(keys.log_key(one), count=limit), conversations
        )
        feeds = [
            [event_from(conversation, event_id, fields) for event_id, fields in reversed(rows)]
            for conversation, rows in zip(conversations, answers, strict=True)
        ]
        return [[event for event in feed if not event.meaning.staff_only] for feed in feeds]

    async def title(self, conversation: str, button: str) -> str:
        """What the citizen saw on a button that was offered lately; '' when none of that id was."""
        (events,) = await self.latest([conversation], BUTTONS_AMONG_EVENTS)
        offered = (one for event in reversed(events) for one in event.message.buttons)
        return next((one.title for one in offered if one.id == button), "")

    async def note(self, conversation: str, kind: EventKind, facts: JsonFields = NO_FACTS) -> bool:
        """Adds a change that a channel tells (``blocked``); False when there is no such conversation."""
        return bool(await self._note(conversation=conversation, kind=kind, data=json.dumps(facts.to_data())))

    async def tell(self, conversation: str, notice: Reply, *, anybody: bool = False) -> bool:
        """Says something unasked while a person is asked for (to ``anybody``: always); False when nobody is any more,
        when «baja» was written, or when WhatsApp's window is closed and no template says it."""
        said = await self._tell(
            conversation=conversation, events=[event_of(notice)], anybody=anybody, by_template=notice.after_window
        )
        return bool(said == 1)

    async def allow(self, name: str, limit: int, seconds: int) -> bool:
        """Counts one use of ``name``; False beyond ``limit`` uses in ``seconds``."""
        return bool(await self._allow(name=name, limit=limit, seconds=seconds) == 1)

    async def _wait_for_restore(self) -> None:
        """Until the record has brought back what it has, or REFILL_WITHIN_S."""
        try:
            async with asyncio.timeout(RESTORE_TIMEOUT_S):
                await self._restore()
        except (SQLAlchemyError, OSError) as error:
            log.warning("open tickets are not back yet", error=type(error).__name__)


def readable(text: str) -> str:
    """The text without what no store can keep and no eye can see: control characters, halves of surrogate pairs."""
    return "".join(mark for mark in text if mark in "\n\t" or unicodedata.category(mark) not in {"Cc", "Cs"})


def _readable_in(value: Any) -> Any:
    """Every text in it made readable: one unreadable name of a file would be refused, and come again, for ever."""
    if isinstance(value, str):
        return readable(value)
    if isinstance(value, dict):
        return {name: _readable_in(one) for name, one in value.items()}
    return [_readable_in(one) for one in value] if isinstance(value, list | tuple) else value


def ticket_of(handoff: Handoff, words: str) -> dict[str, str]:
    """A handoff as the scripts open a ticket; ``words`` are the citizen's last."""
    return {
        "reason": handoff.reason,
        "priority": handoff.priority,
        "team": handoff.team,
        "candidates": json.dumps([candidate.to_data() for candidate in handoff.candidates]),
        "summary": words[:SUMMARY_CHARACTERS],
    }
