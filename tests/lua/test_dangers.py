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
    ("described", "sure"), [([False], False), ([True], True), ([False, True], True), ([True, False], True)]
)
async def test_danger_that_was_sure_stays_sure(call: Call, redis: Redis, described: list[bool], sure: bool) -> None:
    await conversation(redis)
    for one in described:
        await call("dangers", "keep_dangers", "c1", [said("132", danger={"kind": "gas", "sure": one}), said("hola")])
    assert await kept(redis) == {"gas": sure}
    assert list(await call("dangers", "dangers_of", "c1")) == ["gas"]


@pytest.mark.parametrize(
    ("later", "denied"),
    [
        ([], {"gas": True, "medica": False}),
        ([("gas", False)], {"gas": True, "medica": False}),
        ([("gas", True)], {"gas": False, "medica": False}),
        ([("incendio", True)], {"gas": True, "medica": False, "incendio": False}),
    ],
)
async def test_denied_danger_stays_denied_until_it_is_sure_again(
    call: Call, redis: Redis, later: list[tuple[str, bool]], denied: dict[str, bool]
) -> None:
    await conversation(redis)
    told = [("gas", True), ("medica", False), ("suicidio", None), *later]
    for kind, sure in told:
        danger = (
            {"kind": kind, "sure": bool(sure)} if sure is not None else {"kind": "gas", "sure": True, "denied": True}
        )
        await call("dangers", "keep_dangers", "c1", [said("132", danger=danger)])
    (raw,) = await conv(redis, "dangers")
    assert {kind: one.get("denied", 0) > 0 for kind, one in json.loads(raw or "{}").items()} == denied
    assert json.loads(raw or "{}")["gas"]["sure"]


async def test_replies_without_a_danger_leave_nothing(call: Call, redis: Redis) -> None:
    await conversation(redis)
    await call("dangers", "keep_dangers", "c1", [said("hola")])
    assert await conv(redis, "dangers") == [None]


async def test_closed_ticket_leaves_no_danger(call: Call, redis: Redis) -> None:
    await conversation(redis, dangers='{"gas":{"sure":true,"at":1}}')
    await call("dangers", "forget_dangers", "c1")
    assert await kept(redis) == {}


@pytest.mark.parametrize(
    ("dangers", "denied"),
    [
        ({}, False),
        ({"gas": {"sure": False}}, False),
        ({"gas": {"sure": True}}, False),
        ({"gas": {"sure": True, "denied": 2}, "medica": {"sure": False}}, True),
        ({"gas": {"sure": True, "denied": 2}, "medica": {"sure": True}}, False),
    ],
)
async def test_emergency_is_denied_if_no_sure_danger_is_left(
    call: Call, dangers: dict[str, dict[str, Any]], denied: bool
) -> None:
    assert await call("dangers", "are_denied", dangers) is denied
