"""Keeps in Redis who has an entry open in the editor; losing it only hides the line that says so for a moment."""

from __future__ import annotations

import json
import time
import uuid
from collections.abc import Sequence

from bot.core.texts import say
from bot.store import keys
from bot.store.client import Store


class OpenEntries:
    """The people who have each entry open; every method may raise redis.RedisError."""

    def __init__(self, redis: Store) -> None:
        self._redis = redis

    async def seen(self, entry: uuid.UUID, staff: uuid.UUID, name: str) -> list[str]:
        """Notes that this person has the entry open; returns the names of the others who have."""
        key, now = keys.entry_open_key(str(entry)), int(time.time() * 1000)
        async with self._redis.pipeline(transaction=True) as pipe:
            pipe.zadd(key, {_member(staff, name): now})
            pipe.zremrangebyscore(key, "-inf", now - keys.ENTRY_OPEN_S * 1000)
            pipe.expire(key, keys.ENTRY_OPEN_S)
            pipe.zrange(key, 0, -1)
            *_, members = await pipe.execute()
        others = [json.loads(one) for one in members]
        return sorted({name for id, name in others if id != str(staff)})

    async def left(self, entry: uuid.UUID, staff: uuid.UUID, name: str) -> None:
        """Notes that this person has closed the entry."""
        await self._redis.zrem(keys.entry_open_key(str(entry)), _member(staff, name))


def in_words(names: Sequence[str]) -> str:
    """Returns the line that says who else has the entry open; '' if nobody has."""
    if not names:
        return ""
    *first, last = names
    if first:
        return say("entradas.presencia.varias", quienes=", ".join(first), ultima=last)
    return say("entradas.presencia.una", quien=last)


def _member(staff: uuid.UUID, name: str) -> str:
    return json.dumps([str(staff), name])
