"""Estimates the wait for a team from recent waits; each is measured when a ticket is claimed for the first time.

Waits that began more than four hours ago, or while the desk was closed, do not count.
"""

from __future__ import annotations

import statistics
import time
from datetime import datetime

from bot.conversation.event_log_entry import event_of
from bot.core.messages import Reply
from bot.store import keys
from bot.store.client import Store
from bot.store.scripts import Script

RECENT_MS = keys.WAITS_TTL_S * 1000
MIN_WAITS = 3


class Waits:
    """The recent waits in Redis; every method may raise redis.RedisError."""

    def __init__(self, redis: Store) -> None:
        self._redis = redis
        self._notify = Script(redis, "notify_wait")

    async def median_ms(self, team: str, since: datetime) -> int | None:
        """Returns the median wait, in ms, of tickets opened since ``since``; None for fewer than MIN_WAITS tickets."""
        pairs = [line.split() for line in await self._redis.lrange(keys.waits_key(team), 0, -1)]
        oldest = max(time.time() * 1000 - RECENT_MS, since.timestamp() * 1000)
        waits = [int(float(wait)) for at, wait in pairs if float(at) - float(wait) >= oldest]
        return int(statistics.median(waits)) if len(waits) >= MIN_WAITS else None

    async def of_ticket(self, ticket: str) -> str:
        """Returns the ticket's team; '' if the ticket does not exist."""
        return await self._redis.hget(keys.ticket_key(ticket), "team") or ""

    async def tell(self, ticket: str, wait_ms: int, notice: Reply | None) -> bool:
        """Stores ``wait_ms`` as announced to the citizen and sends ``notice``, if given and allowed.

        Returns whether the notice was sent.
        """
        events = [event_of(notice)] if notice else []
        return bool(await self._notify(ticket=ticket, wait_ms=wait_ms, events=events) == 1)
