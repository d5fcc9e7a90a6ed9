"""Stores citizens' messages in inboxes and commits the turns that answer them, durably, in order and only once.

A message is in its conversation's event log and inbox before the channel acknowledges it. A conversation with pending
messages is in the work queue exactly once, unless an answer waits for approval; the worker that leases the conversation
answers the messages in order and releases it when the inbox is empty. ``commit`` applies a turn only if its messages
are still the oldest of the inbox, so a worker that lost its lease changes nothing.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy.exc import SQLAlchemyError

from bot.conversation.change import Change, ticket_of
from bot.conversation.event_log_entry import EventReader, event_from, event_of
from bot.conversation.pending_words import PendingWords
from bot.conversation.readable import readable_in
from bot.conversation.state import ConversationState, Seen, state_from, with_emergencies
from bot.core.errors.messages import ConversationGone, OutOfOrder
from bot.core.event_facts import MessageFacts
from bot.core.events import NO_FACTS, Event, EventKind
from bot.core.json_fields import JsonFields
from bot.core.logs import log
from bot.core.messages import Channel, CitizenMessage, Handoff, Reply, Speaker
from bot.metrics.measures import Stage, count_accepted, timed
from bot.store import keys
from bot.store.client import Store
from bot.store.commands import ask_all, ask_both
from bot.store.scripts import Script
from bot.store.words import Opened
from bot.text.masking.masking import masked_contact

BUTTONS_AMONG_EVENTS = 200
RESTORE_TIMEOUT_S = 2.0  # how long a commit waits until open tickets are recovered; then the citizen gets a notice


@dataclass(frozen=True)
class Accepted:
    """The result of accepting a message: its event id, whether it was a repeat, and the conversation's speaker."""

    event_id: str
    repeated: bool
    speaker: Speaker


class Committed(StrEnum):
    """The result of committing a turn; the turn was applied only if the result is OK."""

    OK = "ok"
    EMPTY = "empty"  # Redis lost its data, and open tickets have not yet been recovered from the record
    STALE = "stale"  # the messages are no longer the oldest of the inbox, because another worker answered them
    SPEAKER_CHANGED = "speaker"
    BANNED = "banned"  # it would open a ticket, but staff blocked the conversation meanwhile
    HELD = "held"  # another answer waits for approval


Restore = Callable[[], Awaitable[object]]
Use = tuple[str, int, int]  # the name of what is limited, the limit, and the cost of this use


class Inbox:
    """The inboxes and event logs in Redis. Every method may raise redis.RedisError.

    ``restore`` recovers open tickets from the record after Redis lost its data; until they are recovered, no ticket is
    opened. A commit waits at most RESTORE_TIMEOUT_S seconds for that. ``secret`` decrypts an older release's messages.
    """

    def __init__(self, redis: Store, restore: Restore, secret: str, web_idle_s: int = keys.IDLE_TTL_S) -> None:
        self._redis, self._opened, self._web_idle_s = redis, redis.words.opened_or_blank, web_idle_s
        self._words, self._reader = PendingWords(redis.words, secret), EventReader(redis.words)
        self._restore = restore
        self._open = Script(redis, "open")
        self._accept = Script(redis, "accept")
        self._commit = Script(redis, "commit")
        self._release = Script(redis, "release")
        self._defer = Script(redis, "defer")
        self._park = Script(redis, "park")
        self._limit_rate = Script(redis, "limit_rate")
        self._add_event = Script(redis, "add_event")
        self._notify = Script(redis, "notify")
        self._reassure = Script(redis, "reassure")

    async def open(self, conversation: str, channel: Channel, welcome: Reply | None, *, address: str = "") -> bool:
        """Creates a conversation and sends ``welcome``, if given; returns False if the conversation already existed.

        ``address`` is as in ``accept``.
        """
        events = [event_of(welcome)] if welcome else []
        made = await self._open(conversation=conversation, channel=channel, welcome=events, address=address)
        return bool(made == 1)

    async def accept(
        self, message: CitizenMessage, *, address: str = "", follows: str = "", sender: str = "", opened: bool = False
    ) -> Accepted:
        """Stores a message; a repeat (same conversation and id) changes nothing and returns the original event id.

        ``address`` is the citizen's encrypted address, '' on the web. ``follows`` is the id of their previous message,
        or ''; raises OutOfOrder while it is missing. ``sender`` is the HMAC of a web chat's network, under which its
        tickets are counted, or ''. With ``opened``, raises ConversationGone if the conversation does not exist.
        """
        message = CitizenMessage.from_dict(readable_in(message.to_dict()))
        with timed(Stage.ACCEPT):
            event_id, repeated, speaker = await self._accept(
                conversation=message.conversation,
                channel=message.channel,
                id=message.id,
                text=message.text,
                masked=masked_contact(message.text),
                data=json.dumps(MessageFacts.of_citizen(message).to_data()),
                message=message.to_dict(),
                address=address,
                follows=follows,
                sender=sender,
                idle=self._web_idle_s,
                opened=int(opened),
            )
        if not event_id:
            raise OutOfOrder() if speaker else ConversationGone()
        if not repeated:
            count_accepted(message.channel)
        return Accepted(event_id, repeated == 1, Speaker(speaker))

    async def look(self, conversation: str) -> Seen:
        """Returns the conversation's state and pending messages. Raises WordsDamaged, as ``pending`` does."""
        async with self._redis.pipeline(transaction=False) as pipe:
            pipe.hgetall(keys.conversation_key(conversation))
            pipe.sismember(keys.NOTICES_OFF, conversation)
            pipe.lrange(keys.inbox_key(conversation), 0, -1)
            raw, off, lines = await pipe.execute()
        (state,) = await with_emergencies(self._redis, [state_from(self._opened(conversation, raw), bool(off))])
        return Seen(conversation, state, self._words.messages(conversation, lines), time.monotonic())

    async def pending(self, conversation: str) -> list[CitizenMessage]:
        """Returns the conversation's pending messages, oldest first. Raises WordsDamaged if one is unreadable."""
        return self._words.messages(conversation, await self._redis.lrange(keys.inbox_key(conversation), 0, -1))

    async def unanswered(self, conversation: str) -> list[CitizenMessage]:
        """Returns the citizen's messages since an agent last replied, oldest first, including pending messages."""
        ((kept, mail),) = await ask_both(
            self._redis,
            lambda ask, one: ask.lrange(keys.unanswered_key(one), 0, -1),
            lambda ask, one: ask.lrange(keys.inbox_key(one), 0, -1),
            [conversation],
            at_once=True,
        )
        return self._words.shown(conversation, [*kept, *mail])

    async def waiting(self, conversations: list[str]) -> list[int]:
        """Returns the number of pending messages of each conversation, in the same order."""
        return await ask_all(self._redis, lambda ask, one: ask.llen(keys.inbox_key(one)), conversations)

    async def state(self, conversation: str) -> ConversationState:
        return (await self.states([conversation], self._opened))[0]

    async def states(self, conversations: list[str], opened: Opened | None = None) -> list[ConversationState]:
        """Returns the states in the same order, decrypted by ``opened``, by default with '' for unreadable texts."""
        answers = await ask_both(
            self._redis,
            lambda ask, one: ask.hgetall(keys.conversation_key(one)),
            lambda ask, one: ask.sismember(keys.NOTICES_OFF, one),
            conversations,
        )
        read, pairs = opened or self._redis.words.opened_for_people, zip(conversations, answers, strict=True)
        states = [state_from(read(one, raw), bool(off)) for one, (raw, off) in pairs]
        return await with_emergencies(self._redis, states)

    async def commit(
        self,
        messages: list[CitizenMessage],
        replies: tuple[Reply, ...],
        *,
        speaker: Speaker,
        change: Change,
        handoff: Handoff | None = None,
    ) -> Committed:
        """Commits a turn in one atomic step and returns whether it was applied, or why not.

        Removes ``messages`` (the oldest of one conversation's inbox), sends ``replies``, applies ``change`` and opens a
        ticket for ``handoff``. ``speaker`` is the speaker for whom the turn was decided.
        """
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

    async def reassure(
        self, message: CitizenMessage, replies: tuple[Reply, ...], enough_ms: int, known: Mapping[str, str]
    ) -> bool:
        """Sends ``replies`` about ``message``, which remains pending, while open tickets are not yet recovered.

        ``known`` maps dimensions to values that the message states about the citizen, such as the language of the
        replies. Returns False if nothing was sent, because the tickets are recovered, or because the replies were
        already sent about this message or about one that is less than ``enough_ms`` older.
        """
        given = {"at": message.at, "enough_ms": enough_ms, "known": dict(known), "events": list(map(event_of, replies))}
        return bool(await self._reassure(conversation=message.conversation, **given) == 1)

    async def release(self, conversation: str, ready_id: str) -> bool:
        """Takes the conversation (entry ``ready_id``) off the work queue; returns False if its inbox is not empty."""
        return bool(await self._release(conversation=conversation, entry=ready_id) == 1)

    async def park(self, conversation: str, ready_id: str, messages: int) -> bool:
        """Removes the conversation (entry ``ready_id``) from the work queue while an answer waits for approval.

        Pending messages remain in the inbox. Returns False, and changes nothing, if the approval has been decided or
        the inbox no longer has exactly ``messages`` messages.
        """
        return bool(await self._park(conversation=conversation, entry=ready_id, messages=messages) == 1)

    async def requeue(self, conversation: str, ready_id: str) -> None:
        """Moves a conversation to the end of the work queue; does nothing if its entry ``ready_id`` is gone."""
        await self._defer(conversation=conversation, entry=ready_id)

    async def events(
        self, conversation: str, after: str = "0", limit: int = 500, *, staff: bool = False
    ) -> list[Event]:
        """Returns at most ``limit`` events after the event id ``after``, oldest first.

        With ``staff``, staff-only events are included. An empty list means that there are no more events.
        """
        while True:
            minimum = f"({after}" if after not in {"", "0"} else "-"
            rows = await self._redis.xrange(keys.log_key(conversation), min=minimum, count=limit)
            events = [event_from(conversation, *self._opened(conversation, row)) for row in rows]
            shown = [event for event in events if staff or not event.meaning.staff_only]
            if shown or len(rows) < limit:
                return shown
            after = events[-1].id

    async def latest(self, conversations: list[str], limit: int) -> list[list[Event]]:
        """Returns, for each conversation, those of its last ``limit`` events that are not staff-only, oldest first."""
        answers = await ask_all(
            self._redis, lambda ask, one: ask.xrevrange(keys.log_key(one), count=limit), conversations
        )
        logs = [self._reader.read(one, rows[::-1]) for one, rows in zip(conversations, answers, strict=True)]
        return [[event for event in events if not event.meaning.staff_only] for events in logs]

    async def title(self, conversation: str, button: str) -> str:
        """Returns the title of the recently offered button with the id ``button``; '' if there is none."""
        (events,) = await self.latest([conversation], BUTTONS_AMONG_EVENTS)
        offered = (one for event in reversed(events) for one in event.message.buttons)
        return next((one.title for one in offered if one.id == button), "")

    async def note(self, conversation: str, kind: EventKind, facts: JsonFields = NO_FACTS) -> bool:
        """Appends an event that a channel reports, such as ``blocked``; returns False for an unknown conversation."""
        return bool(await self._add_event(conversation=conversation, kind=kind, data=json.dumps(facts.to_data())))

    async def notify(self, conversation: str, notice: Reply, *, anybody: bool = False, asked: bool = False) -> bool:
        """Sends a notice while the citizen waits for or talks to a person; with ``anybody``, at any time.

        Returns False if nothing was sent: for an unknown conversation; while the citizen talks to the assistant, unless
        ``anybody``; after the citizen refused notices («baja»), unless they ``asked`` for this notice; and outside
        WhatsApp's window, if the notice cannot use the template.
        """
        given = {"anybody": anybody, "asked": asked, "by_template": notice.after_window}
        sent = await self._notify(conversation=conversation, events=[event_of(notice)], **given)
        return bool(sent == 1)

    async def allow(
        self, name: str, limit: int, seconds: int, *, cost: int = 1, conversation: str = "", id: str = ""
    ) -> bool:
        """Counts ``cost`` uses of ``name``; returns False, and counts nothing, beyond ``limit`` within ``seconds``.

        ``conversation`` and ``id`` identify a citizen's message, or are ''; a message counts once, even if its provider
        repeats it.
        """
        return await self.allow_all([(name, limit, cost)], seconds, conversation=conversation, id=id)

    async def allow_all(self, uses: Sequence[Use], seconds: int, *, conversation: str = "", id: str = "") -> bool:
        """Counts ``uses`` like ``allow``, until one exceeds its limit; a name ending in ``*`` counts for a network."""
        return bool(await self._limit_rate(uses=uses, seconds=seconds, conversation=conversation, id=id) == 1)

    async def once(self, name: str, seconds: int) -> bool:
        """Returns whether it is the first call with ``name`` in ``seconds`` s (longer if the clock is set back)."""
        return bool(await self._redis.set(keys.once_key(name), 1, ex=seconds, nx=True))

    async def _wait_for_restore(self) -> None:
        """Waits until the open tickets are recovered from the record, for at most RESTORE_TIMEOUT_S seconds."""
        try:
            async with asyncio.timeout(RESTORE_TIMEOUT_S):
                await self._restore()
        except (SQLAlchemyError, OSError) as error:
            log.warning("inbox: open tickets not recovered yet", error=type(error).__name__)
