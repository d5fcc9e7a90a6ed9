"""Tests lib/dangers."""

from __future__ import annotations

import json
from typing import Any

import pytest
from redis.asyncio import Redis

from tests.lua.conftest import Call
from tests.lua.standing import conv, conversation, said


async def kept(redis: Redis) -> dict[str, Any]:
    (raw,) = await conv(redis, "dangers")
    return {kind: told["sure"] for kind, told in json.loads(raw or "{}").items()}


@pytest.mark.parametrize(
    ("told", "sure"), [([False], False), ([True], True), ([False, True], True), ([True, False], True)]
)
async def test_danger_that_was_sure_stays_sure(call: Call, redis: Redis, told: list[bool], sure: bool) -> None:
    await conversation(redis)
    for one in told:
        await call("dangers", "keep_dangers", "c1", [said("132", danger={"kind": "gas", "sure": one}), said("hola")])
    assert await kept(redis) == {"gas": sure}
    assert list(await call("dangers", "dangers_of", "c1")) == ["gas"]


async def test_replies_without_a_danger_leave_nothing(call: Call, redis: Redis) -> None:
    await conversation(redis)
    await call("dangers", "keep_dangers", "c1", [said("hola")])
    assert await conv(redis, "dangers") == [None]


async def test_closed_ticket_leaves_no_danger(call: Call, redis: Redis) -> None:
    await conversation(redis, dangers='{"gas":{"sure":true,"at":1}}')
    await call("dangers", "forget_dangers", "c1")
    assert await kept(redis) == {}
