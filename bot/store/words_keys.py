"""Checks at start that a process has all keys of the texts in Redis; refuses to start without them.

Each script that stores words notes the id of its key (WORDS_MASTERS). So a process knows, before it answers anybody,
whether it has all keys. The operator can give up words whose key is lost for good (``ventanilla secret lost``).
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import suppress
from typing import TypeVar

from redis.exceptions import RedisError

from bot.core.errors.base import PermanentError
from bot.core.logs import log
from bot.store import keys
from bot.store.client import Store, open_redis
from bot.store.words import TOKEN_WITHIN

AT_ONCE = 1000
RETRY_S = 1.0
Read = Callable[[Store, str], Awaitable[object]]
Result = TypeVar("Result")


class WordsKeyMissing(PermanentError):
    """Redis has words that were encrypted with a key that VENTANILLA_SECRET does not have."""

    text_key = "llaves.errores.no_abre"


class WordsKeyKnown(PermanentError):
    """The words of this key can be read, or Redis has none."""

    text_key = "llaves.errores.no_perdida"


class KeysCheck:
    """The check of the keys when a process starts; if Redis is unavailable, it continues in the background."""

    def __init__(self, redis: Store) -> None:
        self._redis, self._done = redis, False

    async def at_start(self) -> None:
        """Checks the keys, unless Redis is unavailable. Raises WordsKeyMissing."""
        try:
            await require_words_keys(self._redis)
            self._done = True
        except RedisError as error:
            log.warning("words: keys not checked, redis unavailable", error=type(error).__name__)

    async def run(self) -> None:
        """Checks the keys as soon as Redis answers, then waits until cancelled. Raises WordsKeyMissing."""
        while not self._done:
            await asyncio.sleep(RETRY_S)
            await self.at_start()
        await asyncio.Event().wait()


async def require_words_keys(redis: Store) -> None:
    """Checks that this client's secret decrypts all words in Redis, except those that the operator gave up.

    Raises WordsKeyMissing, and redis.RedisError. Otherwise, words that were given up are read as ''.
    """
    if missing := await missing_words_keys(redis):
        listed = ", ".join(f"{id} ({count})" for id, count in sorted(missing.items()))
        raise WordsKeyMissing(llaves=listed, una=min(missing))


def require_words_keys_at(url: str, secret: str) -> None:
    """Checks the keys before a process starts, unless Redis is unavailable; then the bot checks later (KeysCheck).

    Raises WordsKeyMissing.
    """
    with suppress(RedisError):
        asyncio.run(with_client(url, secret, require_words_keys))


async def missing_words_keys(redis: Store) -> dict[str, int]:
    """Returns the ids of the missing keys, each with the number of texts in Redis that it encrypted.

    Reads all words only if there is a key that this client's secret does not have. May raise redis.RedisError.
    """
    await read_lost_keys(redis)
    strange = await redis.smembers(keys.WORDS_MASTERS) - redis.words.ids - redis.words.lost
    if not strange:
        return {}
    found = await texts_by_key(redis)
    return {id: found[id] for id in strange if found[id]}


async def read_lost_keys(redis: Store) -> None:
    """Makes the words that the operator gave up readable as ''. May raise redis.RedisError."""
    redis.words.lost = frozenset(await redis.smembers(keys.WORDS_LOST))


async def give_up_words(redis: Store, id: str) -> int:
    """Gives up the words of a missing key, which are read as '' from the next start on; returns their number.

    Raises WordsKeyKnown if ``id`` is not the id of a missing key, and redis.RedisError.
    """
    missing = await missing_words_keys(redis)
    if id not in missing:
        raise WordsKeyKnown(una=id)
    await redis.sadd(keys.WORDS_LOST, id)
    return missing[id]


async def texts_by_key(redis: Store) -> Counter[str]:
    """Counts the encrypted texts in Redis by the id of their key. May raise redis.RedisError."""
    found: Counter[str] = Counter()
    async for name in _names(redis):
        for prefix, read in _READS.items():
            if name.startswith(prefix) and name != keys.TICKET_SEQ:
                found.update(TOKEN_WITHIN.findall(repr(await read(redis, name))))
                break
    return found


async def with_client(url: str, secret: str, work: Callable[[Store], Awaitable[Result]]) -> Result:
    """Runs ``work`` with a client that it closes afterwards; returns its result."""
    redis = open_redis(url, secret)
    try:
        return await work(redis)
    finally:
        await redis.aclose()


async def _names(redis: Store) -> AsyncIterator[str]:
    cursor = 0
    while True:
        cursor, some = await redis.scan(cursor, match="v:*", count=AT_ONCE)
        for name in some:
            yield name
        if cursor == 0:
            return


async def _hash(redis: Store, name: str) -> object:
    return await redis.hgetall(name)


async def _list(redis: Store, name: str) -> object:
    return await redis.lrange(name, 0, -1)


async def _stream(redis: Store, name: str) -> object:
    return await redis.xrange(name)


# Beginning of the names of keys with words -> how they are read; ``v:ticket:`` includes tickets put aside.
_READS: dict[str, Read] = {
    keys.conversation_key.pieces[0]: _hash,
    keys.ticket_key.pieces[0]: _hash,
    keys.approval_key.pieces[0]: _hash,
    keys.staff_notices_key.pieces[0]: _hash,
    keys.inbox_key.pieces[0]: _list,
    keys.unanswered_key.pieces[0]: _list,
    keys.unheard_key.pieces[0]: _list,
    keys.outbox_key.pieces[0]: _list,
    keys.log_key.pieces[0]: _stream,
    str(keys.EVENTS): _stream,
}
