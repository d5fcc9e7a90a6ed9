"""Sends queue positions to the open pages of this process whenever positions in a queue change.

Every process with open pages runs ``run()`` alongside Live, which delivers the positions as events without an id. Of a
long queue it reads the ids, and the tickets of the conversations with an open page here, each once.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress

from redis.exceptions import RedisError

from bot.conversation.live import Live
from bot.core.events import Event, EventKind
from bot.core.logs import log
from bot.core.messages import Author, Priority
from bot.core.progress import Beat, no_beat
from bot.core.signal_facts import PlaceSignal
from bot.store import keys
from bot.store.cancelling import beside
from bot.store.client import Store
from bot.store.commands import ask_all, ask_both
from bot.store.streams import stopping

SETTLE_S = 0.2  # several claims in quick succession are sent as one change
RETRY_S = 1.0
IDLE_S = 30.0  # between two beats while no position changes
FORGET_AFTER_S = 60.0  # tickets that were read are read again, since a ticket restored from the record has no event
# Citizens with these tickets are not shown a position.
WITHOUT_POSITION = frozenset({Priority.CALLBACK, Priority.EMERGENCY})


class QueuePositions:
    """Computes queue positions and sends those that have changed to this process's pages."""

    def __init__(self, redis: Store, live: Live) -> None:
        self._redis = redis
        self._live = live
        self._changed = asyncio.Event()
        self._sent: dict[str, PlaceSignal] = {}
        # The ticket of each conversation with an open page; '' if its citizen gets no position.
        self._tickets: dict[str, str] = {}
        self._forget_at = 0.0

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
                self._tickets.clear()  # events may have been missed
                async for event in events:
                    if event.meaning.is_of_ticket:
                        self._tickets.pop(event.conversation, None)
                    if event.meaning.moves_queue:
                        self._changed.set()

    async def _send_changes(self) -> None:
        try:
            now = await self._current()
        except RedisError as error:
            log.warning("positions: redis unavailable, retrying", error=type(error).__name__)
            self._tickets.clear()
            self._changed.set()
            await asyncio.sleep(RETRY_S)
            return
        for conversation, position in now.items():
            if self._sent.get(conversation) != position:
                signal = Event("", conversation, EventKind.PLACE, Author.SYSTEM, facts=position)
                self._live.signal_citizen(signal)
        self._sent = now

    async def _current(self) -> dict[str, PlaceSignal]:
        """Returns the positions of the citizens with an open page in this process, by conversation."""
        shown = self._live.conversations()
        if not shown:
            return {}
        tickets = await self._tickets_of(shown)
        teams = await self._redis.smembers(keys.QUEUES)
        queues = await ask_all(self._redis, lambda ask, team: ask.zrange(keys.queue_key(team), 0, -1), teams)
        conversations = {ticket: one for one, ticket in tickets.items() if ticket}
        return {
            conversations[ticket]: PlaceSignal(number, len(queue))
            for queue in queues
            for number, ticket in enumerate(queue, 1)
            if ticket in conversations
        }

    async def _tickets_of(self, shown: set[str]) -> dict[str, str]:
        """Returns the tickets of these conversations; '' for a conversation whose citizen gets no position."""
        if (now := asyncio.get_running_loop().time()) > self._forget_at:
            self._tickets.clear()
            self._forget_at = now + FORGET_AFTER_S
        for closed in self._tickets.keys() - shown:
            del self._tickets[closed]
        unknown = shown - self._tickets.keys()
        self._tickets |= dict.fromkeys(unknown, "")  # an event meanwhile removes it, and what was read is not kept
        found = await self._read(list(unknown))
        self._tickets |= {one: ticket for one, ticket in found.items() if one in self._tickets}
        return {one: self._tickets.get(one, found.get(one, "")) for one in shown}

    async def _read(self, conversations: list[str]) -> dict[str, str]:
        tickets = await ask_all(
            self._redis, lambda ask, one: ask.hget(keys.conversation_key(one), "ticket"), conversations
        )
        having = {one: ticket for one, ticket in zip(conversations, tickets, strict=True) if ticket}
        priorities = await ask_all(
            self._redis, lambda ask, one: ask.hget(keys.ticket_key(one), "priority"), having.values()
        )
        pairs = zip(having.items(), priorities, strict=True)
        return {one: ticket for (one, ticket), priority in pairs if priority not in WITHOUT_POSITION}
