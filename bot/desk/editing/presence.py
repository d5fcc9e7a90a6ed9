"""Stores in Redis which people have an entry open in the editor.

After a loss of this data, open pages store it again within seconds.
"""

from __future__ import annotations

import json
import time
import uuid
from collections.abc import Sequence

from bot.core.texts import say
from bot.store import keys
from bot.store.client import Store

OPEN_S = 45  # a page says every 20 seconds that it is open


class OpenEntries:
    """The people who have each entry open; every method may raise redis.RedisError."""

    def __init__(self, redis: Store) -> None:
        self._redis = redis

    async def seen(self, entry: uuid.UUID, staff: uuid.UUID, name: str) -> list[str]:
        """Records that this person has the entry open; returns the names of the others who have it open, sorted."""
        key, now = keys.entry_open_key(str(entry)), int(time.time())
        await self._redis.hset(key, str(staff), json.dumps([name, now]))
        await self._redis.expire(key, OPEN_S)
        found = {id: json.loads(value) for id, value in (await self._redis.hgetall(key)).items()}
        silent = [id for id, (_, at) in found.items() if at < now - OPEN_S]
        if silent:
            await self._redis.hdel(key, *silent)
        return sorted(name for id, (name, _) in found.items() if id != str(staff) and id not in silent)

    async def left(self, entry: uuid.UUID, staff: uuid.UUID) -> None:
        """Records that this person has closed the entry."""
        await self._redis.hdel(keys.entry_open_key(str(entry)), str(staff))


def in_words(names: Sequence[str]) -> str:
    """Returns the Spanish line that says who else has the entry open; '' without ``names``."""
    if not names:
        return ""
    *first, last = names
    if first:
        return say("entradas.presencia.varias", quienes=", ".join(first), ultima=last)
    return say("entradas.presencia.una", quien=last)
