"""Rewrites Redis's append-only file until the deleted values have left it.

The server refuses a rewrite while one is in progress, postpones it during a snapshot, and may fail or be killed before
the end. So a note in Redis says that a rewrite is needed, until a rewrite that began after the note has succeeded.
"""

from __future__ import annotations

import time
from collections.abc import Mapping

from redis.exceptions import ResponseError

from bot.core.logs import log
from bot.store import keys
from bot.store.client import Store

Facts = Mapping[str, str | int | float]  # the server's INFO about its persistence
AGAIN_AFTER_S = 60.0  # after a refusal, or a failure such as a full disk: each attempt forks the server


class AppendOnlyFile:
    """The append-only file of the server; methods may raise redis.RedisError."""

    def __init__(self, redis: Store) -> None:
        self._redis = redis
        self._asked = self._refused = -AGAIN_AFTER_S
        self._logged = ""

    async def note_due(self) -> None:
        """Stores that the file contains values deleted before this call, for ``rewrite_if_due`` of any process.

        Logs a warning if the server refuses; the caller then continues, and the file is rewritten daily anyway.
        """
        try:
            await self._redis.sadd(keys.REWRITES_DUE, str(_begun(await self._facts())))
        except ResponseError as error:  # no permission for INFO, or no memory left
            self._log(str(error))

    async def rewrite_if_due(self) -> None:
        """Starts a rewrite if one is due and none is in progress; logs a warning if the server refuses it or fails.

        Call it regularly: what is due stays due until a rewrite that began after ``note_due`` has succeeded.
        """
        due = {int(one) for one in await self._redis.smembers(keys.REWRITES_DUE)}
        if not due or time.monotonic() < self._refused + AGAIN_AFTER_S:
            return
        try:
            facts = await self._facts()
            if not facts.get("aof_enabled"):
                await self._settle(due)
            elif not facts.get("aof_rewrite_in_progress"):
                await self._go_on(due, facts)
        except ResponseError as error:
            self._refused = time.monotonic()
            self._log(str(error))

    async def _go_on(self, due: set[int], facts: Facts) -> None:
        """Removes the needs that the last rewrite has met, and starts a rewrite for the rest.

        Repeats a failed rewrite only AGAIN_AFTER_S seconds after its start.
        """
        begun = _begun(facts)
        if facts.get("aof_last_bgrewrite_status", "ok") == "ok":
            done = {one for one in due if one < begun}
            await self._settle(done)
            self._logged = "" if done else self._logged
            due = {one for one in due if one >= begun}
        elif time.monotonic() - self._asked < AGAIN_AFTER_S:
            return
        else:
            self._log("the last rewrite failed")
        if due:
            await self._start(due, facts)

    async def _start(self, due: set[int], facts: Facts) -> None:
        begun = _begun(facts)
        if any(one > begun for one in due):  # the server counts from its start
            await self._redis.sadd(keys.REWRITES_DUE, str(begun))
            await self._settle({one for one in due if one > begun})
        self._asked = time.monotonic()
        await self._redis.bgrewriteaof()
        if "aof_rewrites" not in facts:  # Redis before 7 does not count rewrites, so an accepted one counts as done
            await self._settle(due)

    async def _facts(self) -> Facts:
        return await self._redis.info("persistence")

    async def _settle(self, due: set[int]) -> None:
        if due:
            await self._redis.srem(keys.REWRITES_DUE, *map(str, due))

    def _log(self, error: str) -> None:
        if error != self._logged:  # once, since the next attempt is seconds away
            self._logged = error
            log.warning("store: append-only file not rewritten", error=error)


def _begun(facts: Facts) -> int:
    """Returns how many rewrites the server has begun since its start, including one in progress."""
    return int(facts.get("aof_rewrites", 0))
