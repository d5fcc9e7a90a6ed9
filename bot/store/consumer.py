"""Reads a Redis stream whose entries name conversations, and processes ("drains") each conversation in a separate task.

Several processes share the stream; delivery is at least once. A pending entry is a lease: one process at a time handles
the conversation, and renews the lease every second. If a lease is not renewed for RECLAIM_IDLE_MS milliseconds, its
process counts as dead and another process takes over the entry. Entries are read in batches, since Redis logs every
read to disk.
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Awaitable, Callable
from functools import partial

from redis.exceptions import RedisError

from bot.core.logs import log
from bot.core.progress import Beat, no_beat
from bot.store.cancelling import beside, cancelled
from bot.store.client import Store
from bot.store.scripts import Script
from bot.store.streams import Row, make_group, stopping, stream_rows

Drain = Callable[[str, str], Awaitable[None]]
Hung = Callable[[str, str], Awaitable[None]]
Room = Callable[[], Awaitable[None]]
BLOCK_MS = 2000
RECLAIM_IDLE_MS = 5000
RECLAIM_EVERY_S = 1.0
RENEW_S = 1.0
RETRY_S = 0.5
TAKEN_AT_ONCE = 8
DRAIN_TIMEOUT_S = 600.0  # longer than any drain takes; ends a hung drain, which would keep its conversation forever


class StreamConsumer:
    """A consumer that calls ``drain(conversation, entry)`` for each entry of a stream; ``entry`` is the entry's id.

    ``drain`` acknowledges the entry, or leaves it to be delivered again. ``most`` is the maximum number of leases held
    at a time. ``room`` is awaited before each read; it returns once this process can handle another conversation.
    ``hung(conversation, entry)`` is awaited after a drain was cancelled because it took ``drain_timeout_s`` seconds.
    """

    def __init__(
        self,
        redis: Store,
        stream: str,
        group: str,
        *,
        drain: Drain,
        most: int,
        room: Room | None = None,
        drain_timeout_s: float = DRAIN_TIMEOUT_S,
        hung: Hung | None = None,
    ) -> None:
        self._redis, self._stream, self._group = redis, stream, group
        self._drain, self._most, self._room = drain, most, room
        self._drain_timeout_s, self._hung = drain_timeout_s, hung
        self._name = secrets.token_hex(6)
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._lost: frozenset[str] = frozenset()
        self._renewing = Script(redis, "renew")
        self._reclaimed_to, self._reclaim_at = "0-0", 0.0

    async def run(self, beat: Beat = no_beat) -> None:
        """Consumes the stream until cancelled, and retries if Redis is unavailable; calls ``beat`` meanwhile."""
        async with beside(self._renew()):
            try:
                while not stopping():
                    try:
                        await make_group(self._redis, self._stream, self._group)
                        await self._work(beat)
                    except RedisError as error:
                        beat()
                        log.warning("consumer: redis unavailable", stream=self._stream, error=type(error).__name__)
                        await asyncio.sleep(RETRY_S)
            finally:
                await cancelled(self._tasks.values())

    async def _work(self, beat: Beat) -> None:
        while not stopping():
            if self._room is not None:
                await self._room()
            room = self._most - len(self._tasks)
            beat()
            if room <= 0:
                await asyncio.wait(self._tasks.values(), return_when=asyncio.FIRST_COMPLETED)
                continue
            for entry, fields in await self._take(min(room, TAKEN_AT_ONCE)):
                if entry not in self._tasks:
                    self._begin(entry, fields["conversation"])

    def _begin(self, entry: str, conversation: str) -> None:
        """Starts work on an entry that this process has just taken, perhaps back from one that died."""
        self._lost -= {entry}
        self._tasks[entry] = asyncio.create_task(self._drained(conversation, entry))
        self._tasks[entry].add_done_callback(partial(self._let_go, entry))

    async def _drained(self, conversation: str, entry: str) -> None:
        """Calls ``drain`` with a timeout.

        After a timeout the lease is no longer renewed, so the entry is delivered again.
        """
        try:
            async with asyncio.timeout(self._drain_timeout_s):
                await self._drain(conversation, entry)
        except TimeoutError:
            log.error("consumer: drain timed out", stream=self._stream, conversation=conversation)
            if self._hung is not None:
                await self._hung(conversation, entry)

    def holds(self, entry: str) -> bool:
        """Returns whether no other process has taken the entry over, as far as the last renewal of the leases tells.

        An entry that this process takes again is held from then on.
        """
        return entry not in self._lost

    def _let_go(self, entry: str, _task: asyncio.Task[None]) -> None:
        self._tasks.pop(entry, None)

    async def _take(self, most: int) -> list[Row]:
        """Reads entries of dead processes, or else new entries; returns [] if none arrives within BLOCK_MS."""
        if abandoned := await self._abandoned(most):
            return abandoned
        names = {self._stream: ">"}
        return stream_rows(await self._redis.xreadgroup(self._group, self._name, names, count=most, block=BLOCK_MS))

    async def _abandoned(self, most: int) -> list[Row]:
        now = asyncio.get_running_loop().time()
        if now < self._reclaim_at:
            return []
        cursor, rows, *_ = await self._redis.xautoclaim(
            self._stream,
            self._group,
            self._name,
            min_idle_time=RECLAIM_IDLE_MS,
            start_id=self._reclaimed_to,
            count=most,
        )
        self._reclaimed_to = cursor
        found = [(row[0], row[1]) for row in rows if row[1]]
        self._reclaim_at = now if found else now + RECLAIM_EVERY_S
        return found

    async def _renew(self) -> None:
        """Renews the leases every RENEW_S seconds, so that no other process takes the entries over.

        A process that was stopped, or got no processor, for RECLAIM_IDLE_MS takes none back.
        """
        while not stopping():
            await asyncio.sleep(RENEW_S)
            if not (entries := list(self._tasks)):
                self._lost = frozenset()
                continue
            try:
                lost = await self._renewing(
                    stream=self._stream, group=self._group, consumer=self._name, entries=entries
                )
                self._lost = frozenset(map(str, lost))
            except RedisError as error:
                log.warning("consumer: leases not renewed", stream=self._stream, error=type(error).__name__)
