"""Tests lib/words."""

from __future__ import annotations

from redis.asyncio import Redis

from bot.store import keys
from tests.lua.conftest import Call


async def test_each_key_is_noted_once(call: Call, redis: Redis) -> None:
    for one in ("0a", "0b", "0a"):
        await call("words", "note_words_key", one)
    assert await redis.smembers(keys.WORDS_MASTERS) == {"0a", "0b"}
