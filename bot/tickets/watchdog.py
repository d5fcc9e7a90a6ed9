"""Finds conversations that have pending or unsent messages but are in no queue, and queues them again.

Also sets aside tickets that cannot be read, corrects leases and retry times that would last too long because the clock
was set back, and notifies staff of messages that wait too long although they are queued.
"""

from __future__ import annotations

import time
from collections.abc import Iterable

from bot.core import clock
from bot.core.channels import sending_channels
from bot.core.logs import log
from bot.core.messages import Channel
from bot.metrics.measures import Fault
from bot.metrics.store_state import UNANSWERED_S, UNSENT_S, StoreSource
from bot.store import keys
from bot.store.client import Store
from bot.store.commands import ask_all
from bot.store.key_families import KeyFamily
from bot.store.scripts import Script
from bot.tickets.faults import Delay, Faults
from bot.tickets.presence import DEFAULT_LEASE_S
from bot.tickets.queued import parts

KEYS_AT_ONCE = 1000
LEASES_AT_ONCE = 5000
TICKETS_AT_ONCE = 200  # that one script looks at, since Valkey serves nobody meanwhile
REPAIR_EVERY_S = 30.0  # between the sweeper's calls of ``repair`` and ``notify_delays``
JUMP_S = 10.0  # shorter than an agent's lease, longer than any delay of a reply from Redis


class Watchdog:
    """Compares inboxes and outboxes with the queues; counts each repair, and notifies staff of it.

    ``channels`` are the channels whose unsent replies it measures; None means all channels with an outbox.
    """

    def __init__(self, redis: Store, lease_s: int = DEFAULT_LEASE_S, channels: Iterable[Channel] | None = None) -> None:
        self._redis, self._lease_ms, self._faults = redis, lease_s * 1000, Faults(redis)
        self._repair = Script(redis, "repair")
        self._catch_up = Script(redis, "catch_up")
        self._put_aside = Script(redis, "put_aside")
        self._waiting = StoreSource(redis, (), sending_channels() if channels is None else channels)
        self._late: frozenset[Delay] = frozenset()
        self._looked_at = 0.0
        self._ahead_s: float | None = None

    async def repair(self) -> int:
        """Checks every conversation with pending or unsent messages; returns the number of repaired conversations."""
        repaired = 0
        for conversation in {*await self._of(keys.inbox_key), *await self._of(keys.outbox_key)}:
            if repairs := await self._repair(conversation=conversation):
                log.error("watchdog: conversation repaired", conversation=conversation, lacked=repairs)
                await self._faults.note(conversation, Fault.UNQUEUED)
                repaired += 1
        return repaired

    async def notify_delays(self) -> None:
        """Notifies staff if messages or replies have waited too long at both the previous call and this one.

        A single call is not enough: after a restart, everything has waited too long at first, but is processed
        immediately. A previous call more than twice REPAIR_EVERY_S ago does not count.
        """
        state, now = await self._waiting.state(), time.monotonic()
        before = self._late if now - self._looked_at <= 2 * REPAIR_EVERY_S else frozenset()
        oldest = {Delay.UNANSWERED: (state.unanswered, UNANSWERED_S), Delay.UNSENT: (state.unsent, UNSENT_S)}
        self._late = frozenset(delay for delay, (one, most_s) in oldest.items() if one.waited_s > most_s)
        self._looked_at = now
        for delay in sorted(self._late & before):
            await self._faults.notify_delay(delay, oldest[delay][0].conversation)

    async def put_aside(self) -> list[str]:
        """Sets aside the open tickets that cannot be read; returns those set aside by any process and not restored yet.

        Their citizens still wait, so the caller restores the tickets from the record, and then calls ``note_restored``.
        """
        teams, now_ms = list(await self._redis.smembers(keys.QUEUES)), clock.now_ms()
        queues = await ask_all(self._redis, lambda ask, team: ask.zrange(keys.queue_key(team), 0, -1), teams)
        places = await ask_all(self._redis, lambda ask, place: ask.zrange(place, 0, -1), (keys.SNOOZED, keys.CALLBACKS))
        attended = [*await self._redis.smembers(keys.CLAIMED), *(one for place in places for one in place)]
        for team, tickets in [*zip(teams, queues, strict=True), ("", attended)]:
            for part in parts(tickets, TICKETS_AT_ONCE):
                await self._put_aside(looked_at=now_ms, team=team, tickets=part, restored=[])
        damaged = [str(one) for one in await self._put_aside(looked_at=now_ms, team="", tickets=[], restored=[])]
        if damaged:
            log.error("watchdog: unreadable tickets put aside", tickets=damaged)
        return damaged

    async def note_restored(self, tickets: list[str]) -> None:
        """Notes that a restore from the record followed; ``put_aside`` returns a ticket that it lacks no more."""
        await self._put_aside(looked_at=clock.now_ms(), team="", tickets=[], restored=tickets)

    async def catch_up(self) -> None:
        """Corrects leases and retry times that would last too long because the clock was set back."""
        sending = {keys.sending_key(channel): keys.SENDERS for channel in Channel}
        streams = {keys.WORK: keys.WORKERS, keys.EVENTS: keys.RECORDER, **sending}
        moved = await self._catch_up(
            streams=streams, channels=list(Channel), lease_ms=self._lease_ms, most=LEASES_AT_ONCE
        )
        if moved:
            log.warning("watchdog: clock was set back, retries moved", count=moved)

    async def jumped(self) -> bool:
        """Returns whether Redis's clock jumped forward since the last call, so that leases expired too early."""
        seconds, microseconds = await self._redis.time()
        before, self._ahead_s = self._ahead_s, seconds + microseconds / 1e6 - time.monotonic()
        return before is not None and self._ahead_s - before > JUMP_S

    async def _of(self, family: KeyFamily) -> list[str]:
        """Returns the names of the conversations that have a key of this family."""
        prefix, cursor, found = family.pieces[0], 0, []
        while True:
            cursor, names = await self._redis.scan(cursor, match=f"{prefix}*", count=KEYS_AT_ONCE)
            found += [name.removeprefix(prefix) for name in names]
            if cursor == 0:
                return found
