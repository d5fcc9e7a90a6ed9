"""Tests lib/measuring: queues are measured by team and priority, and the oldest waiting item is found."""

from __future__ import annotations

from typing import Any

import pytest
from redis.asyncio import Redis

from bot.store import keys
from tests.lua.conftest import Call

QUEUE = keys.queue_key("obras")


@pytest.mark.parametrize(
    ("at", "other", "earlier"), [(1, 2, 1), (2, 1, 1), (None, 2, 2), (1, None, 1), (None, None, None)]
)
async def test_older_is_the_earlier_of_two_moments(call: Call, at: int | None, other: int | None, earlier: Any) -> None:
    assert (await call("measuring", "older", at, other) or None) == earlier


async def test_oldest_in_a_list_is_its_first_line(call: Call, redis: Redis) -> None:
    assert not await call("measuring", "oldest_in", "list")
    await redis.rpush("list", '{"at": 7}', '{"at": 5}')
    assert await call("measuring", "oldest_in", "list") == 7


async def test_oldest_held_is_the_older_with_its_conversation(call: Call, redis: Redis) -> None:
    await redis.rpush("list", '{"at": 7}')
    older = {"at": 5, "conversation": "c1"}
    assert not await call("measuring", "oldest_held", None, "c2", "empty")
    assert await call("measuring", "oldest_held", None, "c2", "list") == {"at": 7, "conversation": "c2"}
    assert await call("measuring", "oldest_held", older, "c2", "list") == older
    assert await call("measuring", "oldest_held", older | {"at": 9}, "c2", "list") == {"at": 7, "conversation": "c2"}


async def test_slot_has_the_tickets_of_half_a_rank(call: Call, redis: Redis) -> None:
    await redis.zadd(QUEUE, {"1": 1e13 + 500, "2": 1e13 + 300, "3": 0.5e13 + 100, "4": 2e13})
    assert await call("measuring", "measure_slot", QUEUE, 2) == (2, 300)
    assert await call("measuring", "measure_slot", QUEUE, 0) == 0


async def test_slots_of_one_name_are_added_up(call: Call, redis: Redis) -> None:
    await redis.zadd(QUEUE, {"1": -0.5e13 + 100})
    assert await call("measuring", "with_slot", {"count": 2, "oldest": 300}, QUEUE, -1) == {"count": 3, "oldest": 100}
    assert await call("measuring", "with_slot", {"count": 2, "oldest": 300}, QUEUE, 1) == {"count": 2, "oldest": 300}


async def test_queues_without_tickets_are_left_out(call: Call, redis: Redis) -> None:
    await redis.sadd(keys.QUEUES, "obras", "social")
    await redis.zadd(QUEUE, {"1": 3e13 + 500, "2": 500, "3": -0.5e13 + 300, "4": 3.5e13 + 200})
    found = {
        "normal": {"count": 1, "oldest": 500},
        "emergency": {"count": 2, "oldest": 300},
        "crowded": {"count": 1, "oldest": 200},
    }
    assert await call("measuring", "measure_queues") == {"obras": found}
