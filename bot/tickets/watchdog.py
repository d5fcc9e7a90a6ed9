"""Finds conversations whose messages nobody would answer or send, and puts them back into their queues."""

from __future__ import annotations

from bot.core.logs import log
from bot.store import keys
from bot.store.client import Store
from bot.store.scripts import Script

KEYS_AT_ONCE = 1000


class Watchdog:
    """Compares inboxes and outboxes with the queues; logs each repair and shows it to staff in the transcript."""

    def __init__(self, redis: Store) -> None:
        self._redis = redis
        self._repair = Script(redis, "repair")

    async def repair(self) -> int:
        """Checks every conversation with pending or unsent messages; returns how many were repaired."""
        repaired = 0
        for conversation in {*await self._of(keys.inbox_key), *await self._of(keys.outbox_key)}:
            if repairs := await self._repair(conversation=conversation):
                log.error("watchdog: conversation repaired", conversation=conversation, lacked=repairs)
                repaired += 1
        return repaired

    async def _of(self, family: keys.KeyFamily) -> list[str]:
        """Returns the conversations that have a key of the family."""
        prefix, cursor, found = family.pieces[0], 0, []
        while True:
            cursor, names = await self._redis.scan(cursor, match=f"{prefix}*", count=KEYS_AT_ONCE)
            found += [name.removeprefix(prefix) for name in names]
            if cursor == 0:
                return found
