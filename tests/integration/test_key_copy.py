"""Tests the copying of keys to another Redis: keys that SCAN returns twice, and keys that expire meanwhile."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from redis.asyncio import Redis

from bot.backup import key_copy, redis_copy
from bot.backup.key_copy import copy_keys
from bot.backup.place import Place


@pytest.fixture
def target(tmp_path: Path) -> Iterator[Any]:
    place = Place(tmp_path / "stores")
    try:
        with redis_copy.connected(place.start_valkey()) as client:
            yield client
    finally:
        place.stop()


async def test_key_that_scan_returns_twice_is_copied_once(
    redis: Redis, redis_url: str, target: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    await redis.rpush("list", "a", "b")
    await redis.xadd("stream", {"n": 1}, id="1-1")
    with redis_copy.connected(redis_url) as source:
        found = list(source.scan_iter())
        monkeypatch.setattr(key_copy, "BATCH", len(found))
        monkeypatch.setattr(source, "scan_iter", lambda count: iter(found * 2))  # as Redis may while it grows its table
        assert copy_keys(source, target) == 2
        assert target.lrange("list", 0, -1) == [b"a", b"b"]
        assert target.xrange("stream") == source.xrange("stream")


@pytest.mark.parametrize("name", ["text", "stream"])
async def test_key_that_expires_while_it_is_copied_does_not_live_for_ever(
    redis: Redis, redis_url: str, target: Any, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    await redis.set("text", "short", ex=1000)
    await redis.xadd("stream", {"n": 1})
    await redis.expire("stream", 1000)
    await redis.set("for ever", "1")
    read = key_copy._answers

    def and_expires(source: Any, questions: Any) -> list[Any]:
        answers = read(source, questions)
        if b"1" in answers:  # the contents were read, the expiry times were not
            source.delete(name)
        return answers

    monkeypatch.setattr(key_copy, "_answers", and_expires)
    with redis_copy.connected(redis_url) as source:
        assert copy_keys(source, target) == 2
    assert not target.exists(name)
