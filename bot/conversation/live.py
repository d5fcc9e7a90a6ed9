"""Reads the stream of events, with one reader per process, and delivers each event to this process's subscribers.

The web chat subscribes to one conversation and skips staff-only events; the desk subscribes to all. Delivery is best
effort: a subscriber that falls behind or loses its connection reads the event log again from the last id it saw.
Subscribers can also receive signals (signals.py, bot/tickets/positions.py): events without an id, which are not stored.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections import defaultdict
from collections.abc import AsyncIterator
from types import TracebackType

from redis.exceptions import RedisError

from bot.conversation.event_log_entry import event_from
from bot.core.events import Event
from bot.core.logs import log
from bot.core.progress import Beat, no_beat
from bot.store import keys
from bot.store.cancelling import cancelled
from bot.store.client import Store
from bot.store.streams import rows_by_stream, stopping
from bot.store.words import WordsDamaged, WordsLocked

BLOCK_MS = 5000
BATCH = 500
SUBSCRIBER_BACKLOG = 1000
RETRY_S = 0.3


def event_order(event_id: str) -> tuple[int, int]:
    """Converts an event id into a pair that sorts in log order; ``0`` and '' sort first."""
    milliseconds, _, number = event_id.partition("-")
    return int(milliseconds or 0), int(number or 0)


class Subscription:
    """A subscriber's events: ``async with live.subscribe(conversation) as events: async for event in events``.

    The iteration ends if the subscriber reads too slowly, or when ``live`` stops.
    """

    def __init__(self, live: Live, conversation: str | None, *, signals: bool) -> None:
        self._live = live
        self._conversation = conversation
        self.signals = signals
        self._queue: asyncio.Queue[Event | None] = asyncio.Queue(SUBSCRIBER_BACKLOG + 1)

    async def __aenter__(self) -> Subscription:
        self._live.subscribers[self._conversation].add(self)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._live.leave(self._conversation, self)

    def put(self, event: Event | None) -> None:
        """Queues an event for the subscriber; None, or a full backlog, ends the iteration."""
        if event is None or self._queue.qsize() >= SUBSCRIBER_BACKLOG:
            self._live.leave(self._conversation, self)
            with contextlib.suppress(asyncio.QueueFull):
                self._queue.put_nowait(None)
            return
        self._queue.put_nowait(event)

    async def __aiter__(self) -> AsyncIterator[Event]:
        while (event := await self._queue.get()) is not None:
            yield event


class Live:
    """The reader of the streams ``v:events`` and ``v:signals`` for this process's subscribers."""

    def __init__(self, redis: Store) -> None:
        self._redis = redis
        self._task: asyncio.Task[None] | None = None
        self.subscribers: defaultdict[str | None, set[Subscription]] = defaultdict(set)

    async def start(self, beat: Beat = no_beat) -> asyncio.Task[None]:
        """Starts reading; the returned task calls ``beat``, and ends when ``stop`` is called or the process stops.

        Raises RedisError.
        """
        newest: dict[str, str] = {stream: await self._newest(stream) for stream in (keys.EVENTS, keys.SIGNALS)}
        self._task = asyncio.create_task(self._follow(newest, beat), name="live")
        return self._task

    async def stop(self) -> None:
        if self._task is not None:
            await cancelled([self._task])
        for group in list(self.subscribers.values()):
            for subscriber in list(group):
                subscriber.put(None)

    def subscribe(self, conversation: str | None, *, signals: bool = False) -> Subscription:
        """Returns a context manager that subscribes to new events of one conversation, or of all if it is None.

        Only a subscriber to all conversations receives staff-only events. With ``signals``, a subscriber also receives
        signals.
        """
        return Subscription(self, conversation, signals=signals)

    def leave(self, conversation: str | None, subscriber: Subscription) -> None:
        group = self.subscribers.get(conversation)
        if group is not None:
            group.discard(subscriber)
            if not group:
                del self.subscribers[conversation]

    def signal(self, event: Event) -> None:
        """Delivers an event without an id to this process's subscribers that want signals."""
        for subscriber in self._interested(event):
            if subscriber.signals:
                subscriber.put(event)

    def signal_citizen(self, event: Event) -> None:
        """Delivers an event without an id to this process's pages of its conversation, and to no desk."""
        for subscriber in list(self.subscribers.get(event.conversation, ())):
            if subscriber.signals:
                subscriber.put(event)

    def conversations(self) -> set[str]:
        """Returns the conversations with a subscriber in this process that wants signals."""
        items = self.subscribers.items()
        return {name for name, group in items if name is not None and any(one.signals for one in group)}

    async def _newest(self, stream: str) -> str:
        newest = await self._redis.xrevrange(stream, count=1)
        return str(newest[0][0]) if newest else "0-0"

    async def _follow(self, last: dict[str, str], beat: Beat) -> None:
        while not stopping():
            beat()
            try:
                answer = await self._redis.xread(last, count=BATCH, block=BLOCK_MS)
            except RedisError as error:
                log.warning("live: redis unavailable, retrying", error=type(error).__name__)
                await asyncio.sleep(RETRY_S)
                continue
            for stream, rows in rows_by_stream(answer).items():
                for stream_id, fields in rows:
                    last[stream] = stream_id
                    self._hand_over(stream, fields)

    def _hand_over(self, stream: str, fields: dict[str, str]) -> None:
        if stream == keys.SIGNALS:
            return self.signal(event_from(fields["conversation"], "", {"text": "", "at": "0"} | fields))
        name = fields["conversation"]
        try:
            event = event_from(name, fields["id"], self._redis.words.opened(name, fields))
        except (WordsLocked, WordsDamaged) as error:  # the pages find out when they read the event log
            log.error("live: unreadable event skipped", conversation=name, error=type(error).__name__)
            return
        for subscriber in self._interested(event):
            subscriber.put(event)

    def _interested(self, event: Event) -> list[Subscription]:
        citizens = () if event.meaning.staff_only else self.subscribers.get(event.conversation, ())
        groups = (citizens, self.subscribers.get(None, ()))
        return [subscriber for group in groups for subscriber in group]
