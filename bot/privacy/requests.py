"""Erases the conversations whose erasure the citizen confirmed in the chat, once the citizen has received the receipt.

The same task finishes the removals of single messages (removals.py).
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta

from redis.exceptions import RedisError
from sqlalchemy.exc import SQLAlchemyError

from bot.core.logs import log
from bot.core.progress import Beat, no_beat
from bot.privacy.erasures import By
from bot.privacy.held_erasures import HeldErasures
from bot.privacy.holds import Held
from bot.privacy.personal_data import PersonalData, StillAttended
from bot.privacy.removals import Retract
from bot.store import keys
from bot.store.client import Store

EVERY_S = 5.0
SEEN_MS = 5_000  # by then, an open page has received the receipt
REWRITE_EVERY_S = 24 * 3600
REWRITE_LEASE = "append-only-file"
LOST_EVERY_S = 24 * 3600
LOST_LEASE = "lost-erasures"  # lost with Redis, so that a loss is followed by a look
STILL_CARRIED_OUT = timedelta(days=30)


class ErasureRequests:
    """A task that carries out confirmed erasures, finishes removals, and rewrites Redis's append-only file when due.

    Redis has the confirmed erasures; after a loss of its data, the task reads them from the record.
    """

    def __init__(
        self, redis: Store, data: PersonalData, retract: Retract | None = None, held: HeldErasures | None = None
    ) -> None:
        self._redis, self._data, self._retract, self._held = redis, data, retract, held

    async def run(self, beat: Beat = no_beat) -> None:
        while True:
            beat()
            await self.run_once(datetime.now(UTC))
            await asyncio.sleep(EVERY_S)

    async def run_once(self, now: datetime) -> None:
        """Takes each step once; one that fails, such as by a damaged file, does not hold up the others."""
        removals = self._data.removals
        steps: dict[str, Callable[[], Awaitable[object]]] = {
            "find_lost": lambda: self.find_lost(now),
            "carry_out": lambda: self.carry_out(int(now.timestamp() * 1000)),
            "finish_removals": lambda: removals.finish_all(now, self._retract),
            "rewrite": self._rewrite,
        }
        for name, step in steps.items():
            try:
                await step()
            except (RedisError, SQLAlchemyError, OSError) as error:
                log.warning("privacy: step failed, retrying", step=name, error=type(error).__name__)

    async def find_lost(self, now: datetime) -> None:
        """Notes again the confirmed erasures that Redis has lost, once it contains the open tickets again.

        Also adds to the list that outlives the database the erasures that it lacks.
        """
        lease = keys.lease_key(LOST_LEASE)
        if await self._redis.exists(lease) or not await self._redis.exists(keys.RESTORED):
            return
        for name, receipt, at in await self._data.confirmed_erasures(now - STILL_CARRIED_OUT):
            await self._redis.hsetnx(keys.ERASURES, name, f"{receipt} {int(at.timestamp() * 1000)}")
        await self._data.complete_list()
        await self._redis.set(lease, 1, ex=LOST_EVERY_S)

    async def carry_out(self, now_ms: int) -> None:
        """Erases the conversations whose erasure was confirmed at least SEEN_MS ago; leaves busy ones to a later call.

        If a legal hold prevents an erasure, registers it as a request. One that fails is left, too.
        """
        for name, asked in (await self._redis.hgetall(keys.ERASURES)).items():
            receipt, _, at = asked.partition(" ")
            if now_ms - int(at) < SEEN_MS or await self._data.stored.is_busy(name):
                continue
            try:
                settled = await self._settle(name, receipt)
            except (SQLAlchemyError, OSError) as error:
                log.error("privacy: conversation not erased yet", receipt=receipt, error=type(error).__name__)
                continue
            if settled:
                await self._redis.hdel(keys.ERASURES, name)  # last, so that an interrupted erasure is repeated

    async def _settle(self, name: str, receipt: str) -> bool:
        """Erases a conversation or, under a legal hold, registers the request; returns False if it must wait."""
        try:
            await self._data.erase(name, receipt, By.CITIZEN)
        except StillAttended:
            return False  # PostgreSQL is a moment behind Redis
        except Held:
            if self._held is not None:
                await self._held.register(name, receipt)
            return self._held is not None
        log.info("privacy: conversation erased", receipt=receipt)
        return True

    async def _rewrite(self) -> None:
        """Rewrites the append-only file once a day, to remove expired values from it, and whenever it is due."""
        file = self._data.stored.file
        if await self._redis.set(keys.lease_key(REWRITE_LEASE), "1", nx=True, ex=REWRITE_EVERY_S):
            await file.note_due()
        await file.rewrite_if_due()
