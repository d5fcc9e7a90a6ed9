"""Withdraws the messages of a broadcast that still wait in an outbox once it is stopped or its notice has ended.

At each attempt, the senders look in Redis for the stopped broadcasts (bot/store/lua/lib/withdrawing.lua), which are
restored from PostgreSQL. They list what they withdraw in Redis, and the worker's task stores the list in PostgreSQL.
"""

from __future__ import annotations

import json
from collections.abc import Set
from datetime import UTC, datetime, timedelta

from redis.exceptions import RedisError
from sqlalchemy import select
from sqlalchemy.exc import DataError
from sqlalchemy.ext.asyncio import AsyncSession

from bot.core.logs import log
from bot.public_notices.recorded import RUNNING
from bot.record.engine import Sessions
from bot.record.tables import Broadcast, BroadcastRecipient, Notice
from bot.store import keys
from bot.store.client import Store

PLANNED, STOPPED, DONE = "planned", "stopped", "done"
SENT, WITHDRAWN = "sent", "withdrawn"
BY_STOP = "stopped"  # why a message was withdrawn; otherwise its citizen wrote «baja»
WATCHED = timedelta(
    days=30
)  # time after its start, and its notice's end, in which a broadcast may have messages waiting
AT_ONCE = 200


class Withdrawing:
    """The set of stopped broadcasts in Redis, and the list of what senders withdrew."""

    def __init__(self, sessions: Sessions, redis: Store) -> None:
        self._sessions, self._redis = sessions, redis

    async def mark(self, id: int, *, stopped: bool) -> None:
        """Makes the senders stop the broadcast ``id``, or continue it.

        If Redis is unavailable, ``restore`` does this later. The caller has locked the broadcast's row, so that
        ``restore`` does not write an older state afterwards.
        """
        await self._mark({str(id)} if stopped else set(), set() if stopped else {str(id)})

    async def _mark(self, stopped: Set[str], others: Set[str]) -> None:
        try:
            if stopped:
                await self._redis.sadd(keys.BROADCASTS_STOPPED, *stopped)
            if others:
                await self._redis.srem(keys.BROADCASTS_STOPPED, *others)
        except RedisError as error:
            log.warning("broadcasts: redis unavailable, a worker will mark it", error=type(error).__name__)

    async def restore(self) -> None:
        """Marks in Redis the recent broadcasts that must not be sent, and unmarks all others.

        Ends stopped broadcasts that nobody can start again. Raises RedisError, SQLAlchemyError.
        """
        now = datetime.now(UTC)
        is_near = (Broadcast.started_at > now - WATCHED) | (Notice.ends_at > now - WATCHED)
        recent = Broadcast.started_at.is_not(None) & is_near
        of_notice = Notice.id == Broadcast.notice_id
        query = select(Broadcast, Notice).join(Notice, of_notice).where(recent)
        query = query.with_for_update(of=Broadcast, skip_locked=True)
        marked: Set[str] = await self._redis.smembers(keys.BROADCASTS_STOPPED)
        async with self._sessions.begin() as session:
            known = await session.scalars(select(Broadcast.id).join(Notice, of_notice).where(recent))
            stopped, others = set[str](), set(marked).difference(map(str, known))
            for broadcast, notice in (await session.execute(query)).all():
                over = notice.state != RUNNING or (notice.ends_at or now) <= now
                (stopped if over or broadcast.state == STOPPED else others).add(str(broadcast.id))
                if over and broadcast.state == STOPPED:
                    broadcast.ended_at = broadcast.ended_at or now
            await self._mark(stopped, others)

    async def store(self) -> int:
        """Stores the messages that senders withdrew, and returns their number.

        Raises RedisError, SQLAlchemyError. A line that cannot be stored is dropped, since it would block all later
        ones. If a broadcast was started again after the stop that withdrew a message, the message's recipient is
        planned again.
        """
        raw = await self._redis.lrange(keys.BROADCASTS_WITHDRAWN, 0, AT_ONCE - 1)
        for line in raw:
            try:
                async with self._sessions.begin() as session:
                    await _store(session, **json.loads(line))
            except (ValueError, TypeError, DataError) as error:
                log.error("broadcasts: withdrawal dropped", error=type(error).__name__)
            # Removed only now: after a kill it is stored again, which changes nothing.
            await self._redis.lrem(keys.BROADCASTS_WITHDRAWN, 1, line)
        return len(raw)


async def _store(session: AsyncSession, *, broadcast: str, conversation: str, why: str, event: str) -> None:
    """Stores one withdrawal; ignores that of a test message, whose name is not a number."""
    if not broadcast.isdecimal():
        return
    found = await session.get(Broadcast, int(broadcast), with_for_update=True)
    recipient = await session.get(BroadcastRecipient, (int(broadcast), conversation))
    if found and recipient and recipient.state == SENT:
        again = why == BY_STOP and found.state == RUNNING
        recipient.state = PLANNED if again else WITHDRAWN
