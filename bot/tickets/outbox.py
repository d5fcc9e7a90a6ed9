"""Reads the outboxes of channels with a provider, and tracks the delivery of their messages.

The script that appends an event to the event log also appends it to the outbox, so no logged event misses the outbox.
Delivery states are stored next to the event log; a failure is also logged as an event (``delivery``).
"""

from __future__ import annotations

import json
from contextlib import suppress
from dataclasses import dataclass

from bot.conversation.event_log_entry import event_from
from bot.core.events import Event
from bot.core.logs import log
from bot.core.messages import Channel
from bot.metrics.measures import count_report
from bot.store import keys
from bot.store.client import Store
from bot.store.commands import ask_both
from bot.store.scripts import Script
from bot.store.words import WordsDamaged

MAX_OF_A_TURN = 8


@dataclass(frozen=True)
class Unsent:
    """The oldest event of an outbox, which is sent in one or more parts."""

    event: Event
    chunk: int  # number of parts already sent, which is the index of the next part
    tries: int  # number of failed attempts to send the next part
    unsure: int  # number of failed attempts that may nevertheless have reached the citizen
    address: str  # the citizen's address, encrypted
    following: tuple[Event, ...] = ()  # later events of the same turn, which have the same timestamp


@dataclass(frozen=True)
class Delivery:
    """The delivery of an event: ``sending``, ``sent``, ``delivered``, ``read``, or ``failed`` with a reason.

    ``sent`` lists the provider's ids of the parts already sent.
    """

    state: str
    reason: str = ""
    sent: tuple[str, ...] = ()


class Outbox:
    """The outboxes in Redis; every method and public script takes one round trip and may raise redis.RedisError.

    The headers of the scripts in bot/store/lua describe their arguments and results.
    """

    def __init__(self, redis: Store) -> None:
        self._redis = redis
        self.begin = Script(redis, "begin_part")
        self.part_sent = Script(redis, "mark_sent")
        self.give_up = Script(redis, "give_up")
        self.later = Script(redis, "retry_later")
        self.due = Script(redis, "retry_due")
        self.sent_all = Script(redis, "release_outbox")
        self.pace = Script(redis, "pace")
        self._report = Script(redis, "report_delivery")
        self._lease = Script(redis, "lease")

    async def oldest(self, conversation: str) -> Unsent | None:
        """Returns the next event to send in a conversation; None if its outbox is empty.

        Gives up an event whose words are damaged or were given up, and then returns None, too.
        """
        ((raw, (part_number, tries, unsure, address)),) = await ask_both(
            self._redis,
            lambda ask, one: ask.lrange(keys.outbox_key(one), 0, MAX_OF_A_TURN - 1),
            lambda ask, one: ask.hmget(keys.conversation_key(one), ("out_part", "out_tries", "out_unsure", "address")),
            [conversation],
            at_once=True,
        )
        if not raw:
            return None
        first, *others = map(json.loads, raw)
        try:
            event = self._event(conversation, first)
        except WordsDamaged:
            log.error("outbox: damaged event given up", conversation=conversation, event_id=first["id"])
            await self.give_up(conversation=conversation, event=first["id"], reason="damaged", count=1)
            return None
        following: list[Event] = []
        with suppress(WordsDamaged):  # it is given up once it is the oldest
            following.extend(self._event(conversation, one) for one in others if one["at"] == first["at"])
        return Unsent(event, int(part_number or 0), int(tries or 0), int(unsure or 0), address or "", tuple(following))

    def _event(self, conversation: str, fields: dict[str, str]) -> Event:
        return event_from(conversation, fields["id"], self._redis.words.opened_in_full(conversation, fields))

    async def deliveries(self, conversation: str) -> dict[str, Delivery]:
        """Maps the id of each event that was sent at least in part, or has failed, to its delivery."""
        raw = await self._redis.hgetall(keys.delivery_key(conversation))
        parsed = {event_id: json.loads(line) for event_id, line in raw.items()}
        return {
            event_id: Delivery(one["state"], one.get("reason", ""), tuple(one["sent"]))
            for event_id, one in parsed.items()
        }

    async def report(self, channel: Channel, sent_id: str, state: str, reason: str = "") -> bool | None:
        """Records the state that the provider reports for its message ``sent_id``; returns whether it changed.

        Returns None if no message with this id is recorded as sent. Delivery states only move forward, so a report of
        an earlier state changes nothing.
        """
        moved = await self._report(channel=channel, sent_id=sent_id, state=state, reason=reason)
        if moved == 1:
            count_report(channel, state, reason)
        return None if moved is None else bool(moved == 1)

    async def pause(self, channel: Channel, seconds: float) -> None:
        """Stops all processes from sending through the channel for the given number of seconds."""
        ms = max(1, int(seconds * 1000))
        await self._redis.set(keys.pause_key(channel), ms, px=ms)

    async def lease(self, name: str, holder: str, seconds: float) -> bool:
        """Acquires or renews the lease ``name`` for ``seconds`` seconds; returns False if another process holds it."""
        return bool(await self._lease(name=name, holder=holder, ms=int(seconds * 1000)) == 1)
