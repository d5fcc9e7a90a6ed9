"""Tests lib/languages: which language a citizen reads."""

from __future__ import annotations

import json

import pytest
from redis.asyncio import Redis

from tests.lua.conftest import Call
from tests.lua.standing import conv, conversation

ENGLISH = {"text": "hello", "data": '{"language": "en"}'}


@pytest.mark.parametrize(
    ("known", "own", "buttons"),
    [
        ({"idioma": "en"}, ENGLISH, "[2]"),
        ({"idioma": "ht"}, {"text": "hola", "data": "{}"}, "[1]"),
        ({"comuna": "los-aromos"}, {"text": "hola", "data": "{}"}, "[1]"),
    ],
)
async def test_text_and_buttons_are_in_the_known_language(
    call: Call, redis: Redis, known: dict[str, str], own: dict[str, str], buttons: str
) -> None:
    await conversation(redis, known=json.dumps(known))
    assert (await call("languages", "language_of", "c1") or None) == known.get("idioma")
    event = {"text": "hola", "data": "{}", "languages": {"en": ENGLISH}}
    assert await call("languages", "translate", "c1", [event]) == [own]
    await call("languages", "offer", "c1", {"es": "[1]", "en": "[2]"})
    assert await conv(redis, "buttons") == [buttons]


async def test_unreadable_facts_are_no_language(call: Call, redis: Redis) -> None:
    for known in ("{", "[]", "3"):
        await conversation(redis, known=known)
        assert not await call("languages", "language_of", "c1")


async def test_event_without_languages_stays(call: Call, redis: Redis) -> None:
    await conversation(redis)
    assert await call("languages", "translate", "c1", [{"text": "hola", "data": "{}"}]) == [
        {"text": "hola", "data": "{}"}
    ]
