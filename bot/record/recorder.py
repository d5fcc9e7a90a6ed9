"""Copies the events of the Redis stream into PostgreSQL; logs and skips an event that the record can never store.

The recorders of all bot processes share the work, so together they may write events out of order. An event stays
pending until its transaction is committed, and rows are keyed by event id, so a killed or lagging recorder loses
nothing and writes nothing twice.
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Mapping

from redis.exceptions import RedisError
from sqlalchemy.exc import DataError, IntegrityError, SQLAlchemyError

from bot.conversation.event_log_entry import event_from
from bot.core.events import Event, EventKind
from bot.core.logs import log
from bot.core.progress import Beat, no_beat
from bot.record.engine import Sessions
from bot.record.event_record import Encrypted, Logged, write_events
from bot.record.transcripts.terms import prepare_terms
from bot.store import keys
from bot.store.client import Store
from bot.store.streams import Row, make_group, stopping, stream_rows
from bot.store.words import WordsLocked

BATCH = 200
BLOCK_MS = 2000
RECLAIM_IDLE_MS = 10_000
RECLAIM_EVERY_S = 5.0
TRIM_EVERY_S = 5.0
COLLECT_S = 0.1  # pause after a batch that was not full: a transaction costs more than the rows in it
RETRY_S = 1.0
# Errors of an event that the record can never store, such as an event of a later release.
UNWRITABLE = (DataError, IntegrityError, KeyError, TypeError, ValueError)
KEEP_EVENTS_MS = 10 * 60 * 1000  # recorded events stay in the stream this long, for live readers that lag


class Recorder:
    """The recorder task of one bot process; ``run()`` copies events until it is cancelled or the process stops."""

    def __init__(self, *, redis: Store, sessions: Sessions) -> None:
        self._redis = redis
        self._sessions = sessions
        self._name = secrets.token_hex(6)
        self._has_unfinished = True  # a batch of an earlier attempt may be pending
        self._reclaim_at = self._trim_at = 0.0  # times of the event loop's clock

    async def run(self, beat: Beat = no_beat) -> None:
        while not stopping():
            try:
                await make_group(self._redis, keys.EVENTS, keys.RECORDER)
                while not stopping():
                    beat()
                    rows = await self._next()
                    self._has_unfinished = True
                    await self._record(rows)
                    self._has_unfinished = False
                    if len(rows) < BATCH:
                        await asyncio.sleep(COLLECT_S)
            except (RedisError, SQLAlchemyError, OSError) as error:
                beat()
                self._has_unfinished = True
                log.warning("recorder: store unavailable, retrying", error=type(error).__name__)
                await asyncio.sleep(RETRY_S)

    async def _next(self) -> list[Row]:
        """Returns events that this recorder or a dead recorder left unfinished, else new ones.

        Returns an empty list if no event arrives within BLOCK_MS.
        """
        if self._has_unfinished:
            mine = await self._redis.xreadgroup(keys.RECORDER, self._name, {keys.EVENTS: "0"}, count=BATCH)
            if rows := stream_rows(mine):
                return rows
        if rows := await self._abandoned():
            return rows
        new = await self._redis.xreadgroup(keys.RECORDER, self._name, {keys.EVENTS: ">"}, count=BATCH, block=BLOCK_MS)
        return stream_rows(new)

    async def _abandoned(self) -> list[Row]:
        """Returns events that a dead recorder left unfinished.

        After finding none, waits RECLAIM_EVERY_S seconds before it looks again.
        """
        now = asyncio.get_running_loop().time()
        if now < self._reclaim_at:
            return []
        claimed = await self._redis.xautoclaim(
            keys.EVENTS, keys.RECORDER, self._name, min_idle_time=RECLAIM_IDLE_MS, count=BATCH
        )
        rows = [(stream_id, fields or {}) for stream_id, fields in claimed[1]]
        if not rows:
            self._reclaim_at = now + RECLAIM_EVERY_S
        return rows

    async def _record(self, rows: list[Row]) -> None:
        kept = [(stream_id, fields) for stream_id, fields in rows if fields]
        waiting: set[str] = set()
        try:
            await self._write(kept)
        except (*UNWRITABLE, WordsLocked):
            waiting = {row[0] for row in kept if not await self._write_isolated(row)}
        if done := [stream_id for stream_id, _ in rows if stream_id not in waiting]:
            await self._redis.xack(keys.EVENTS, keys.RECORDER, *done)
            await self._trim(rows[-1][0])

    async def _write(self, rows: list[Row]) -> None:
        if not rows:
            return
        opened = [self._redis.words.opened(fields["conversation"], fields) for _, fields in rows]
        events = [event_from(fields["conversation"], fields["id"], fields) for fields in opened]
        said = [(event.author, event.text) for event in events if event.kind is EventKind.MESSAGE]
        async with self._sessions.begin() as session:
            await prepare_terms(session, said)
            await write_events(session, [_logged(event, row) for event, row in zip(events, opened, strict=True)])

    async def _write_isolated(self, row: Row) -> bool:
        """Writes one event of a failed batch; logs and skips it if the record can never store it.

        Returns False if this process lacks the key for the event's texts; the event then stays pending and is tried
        again.
        """
        try:
            await self._write([row])
        except WordsLocked as error:
            log.error("recorder: event waits for its key", stream_id=row[0], **error.facts)
            return False
        except UNWRITABLE as error:
            log.error("recorder: event skipped", stream_id=row[0], error=type(error).__name__)
        return True

    async def _trim(self, recorded: str) -> None:
        """Removes recorded events older than KEEP_EVENTS_MS from the stream, at most once in TRIM_EVERY_S seconds.

        Removes nothing while an event is pending, and never an unread event.
        """
        now = asyncio.get_running_loop().time()
        if now < self._trim_at:
            return
        self._trim_at = now + TRIM_EVERY_S
        seconds, _ = await self._redis.time()
        old_ms = int(seconds) * 1000 - KEEP_EVENTS_MS
        pending = await self._redis.xpending(keys.EVENTS, keys.RECORDER)
        if not pending["pending"]:
            oldest = min(old_ms, int(recorded.partition("-")[0]))
            await self._redis.xtrim(keys.EVENTS, minid=f"{oldest}-0", approximate=True)


def _logged(event: Event, fields: Mapping[str, str]) -> Logged:
    encrypted = Encrypted(fields.get("address", ""), fields.get("secret", ""))
    return Logged(event, fields["channel"], encrypted, int(float(fields.get("answered") or 0)))
