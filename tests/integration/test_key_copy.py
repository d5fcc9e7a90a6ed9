"""Tests the copying of keys to another Redis, which SCAN may return twice."""

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
