"""Sends queue positions to the open pages of this process whenever positions in a queue change.

Every process with open pages runs ``run()`` alongside Live, which delivers the positions as events without an id.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress

from redis.exceptions import RedisError

from bot.conversation.live import Live
from bot.core.event_facts import PlaceSignal
from bot.core.events import Event, EventKind
from bot.core.logs import log
from bot.core.messages import Author, Priority
from bot.core.progress import Beat, no_beat
from bot.store import keys
from bot.store.cancelling import beside
from bot.store.client import Store
from bot.store.commands import ask_all, ask_both
from bot.store.streams import stopping

SETTLE_S = 0.2  # several claims in quick succession are sent as one change
RETRY_S = 1.0
IDLE_S = 30.0  # between two beats while no position changes
# Citizens with these tickets are not shown a position.
WITHOUT_POSITION = frozenset({Priority.CALLBACK, Priority.EMERGENCY})


class QueuePositions:
    """Computes queue positions and sends those that have changed to this process's pages."""

    def __init__(self, redis: Store, live: Live) -> None:
        self._redis = redis
        self._live = live
        self._changed = asyncio.Event()
        self._sent: dict[str, PlaceSignal] = {}

    async def of(self, ticket: str) -> PlaceSignal | None:
        """Returns a ticket's current position and the length of its queue.

        Returns None if the ticket is in no queue, or is an emergency.
        """
        team, priority = await self._redis.hmget(keys.ticket_key(ticket), ("team", "priority"))
        if team is None or priority == Priority.EMERGENCY:
            return None
        ((rank, waiting),) = await ask_both(
            self._redis,
            lambda ask, queue: ask.zrank(queue, ticket),
            lambda ask, queue: ask.zcard(queue),
            [keys.queue_key(team)],
        )
        return None if rank is None else PlaceSignal(rank + 1, waiting)

    async def run(self, beat: Beat = no_beat) -> None:
        """Sends changed positions until cancelled."""
        async with beside(self._watch()):
            while not stopping():
                beat()
                with suppress(TimeoutError):
                    async with asyncio.timeout(IDLE_S):
                        await self._changed.wait()
                if not self._changed.is_set():
                    continue
                await asyncio.sleep(SETTLE_S)
                self._changed.clear()
                await self._send_changes()

    async def _watch(self) -> None:
        while True:
            async with self._live.subscribe(None) as events:
                async for event in events:
                    if event.meaning.moves_queue:
                        self._changed.set()

    async def _send_changes(self) -> None:
        try:
            now = await self._current()
        except RedisError as error:
            log.warning("positions: redis unavailable, retrying", error=type(error).__name__)
            self._changed.set()
            await asyncio.sleep(RETRY_S)
            return
        for conversation, position in now.items():
            if self._sent.get(conversation) != position:
                self._live.signal(Event("", conversation, EventKind.PLACE, Author.SYSTEM, facts=position))
        self._sent = now

    async def _current(self) -> dict[str, PlaceSignal]:
        teams = await self._redis.smembers(keys.QUEUES)
        queues = await ask_all(self._redis, lambda ask, team: ask.zrange(keys.queue_key(team), 0, -1), teams)
        waiting = (ticket for queue in queues for ticket in queue)
        tickets = await ask_all(
            self._redis, lambda ask, one: ask.hmget(keys.ticket_key(one), ("conversation", "priority")), waiting
        )
        positions = [PlaceSignal(number, len(queue)) for queue in queues for number in range(1, len(queue) + 1)]
        return {
            conversation: position
            for (conversation, priority), position in zip(tickets, positions, strict=True)
            if conversation and priority not in WITHOUT_POSITION
        }
