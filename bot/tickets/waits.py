"""How long people waited lately for a team: the honest ground of an estimate. Called by bot/handoff.

Kept by the script that gives a ticket to its first person. Waits that began over four hours ago are not of now, nor
are those that began while nobody attended.
"""

from __future__ import annotations

import statistics
import time
from datetime import datetime

from bot.conversation.feed_line import event_of
from bot.core.messages import Reply
from bot.store import keys
from bot.store.client import Store
from bot.store.scripts import Script

RECENT_MS = keys.WAITS_TTL_S * 1000
MIN_WAITS = 3


class Waits:
    """May raise redis.RedisError."""

    def __init__(self, redis: Store) -> None:
        self._redis = redis
        self._tell = Script(redis, "notify_wait")

    async def median_ms(self, team: str, since: datetime) -> int | None:
        """The usual wait for the team of who began to wait after ``since``, or None when too few did to say."""
        pairs = [line.split() for line in await self._redis.lrange(keys.waits_key(team), 0, -1)]
        oldest = max(time.time() * 1000 - RECENT_MS, since.timestamp() * 1000)
        waits = [int(float(wait)) for at, wait in pairs if float(at) - float(wait) >= oldest]
        return int(statistics.median(waits)) if len(waits) >= MIN_WAITS else None

    async def of_ticket(self, ticket: str) -> str:
        """The team that the ticket waits for, or ''."""
        return await self._redis.hget(keys.ticket_key(ticket), "team") or ""

    async def tell(self, ticket: str, wait_ms: int, notice: Reply | None) -> bool:
        """Notes what the citizen knows of the wait and tells them, if the ticket still waits and they want notices."""
        events = [event_of(notice)] if notice else []
        return bool(await self._tell(ticket=ticket, wait_ms=wait_ms, events=events) == 1)
