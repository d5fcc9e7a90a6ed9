"""Tests lib/ratings, the part about answers; integration/test_ratings.py tests the rest."""

from __future__ import annotations

import json
from typing import Any

import pytest
from redis.asyncio import Redis

from bot.store import keys
from bot.store.keys import MAX_RATINGS_OF_AN_ANSWER
from tests.lua.conftest import Call
from tests.lua.standing import conversation

PROOF = {"entry": "licencia", "version": "v1"}


async def happened(redis: Redis, kind: str, **data: Any) -> None:
    fields = {"kind": kind, "author": "assistant", "text": "", "at": "1", "data": json.dumps(data)}
    await redis.xadd(keys.log_key("c1"), fields)


async def stored(redis: Redis) -> list[dict[str, Any]]:
    log = await redis.xrange(keys.log_key("c1"))
    return [json.loads(fields["data"]) for _, fields in log if fields["kind"] == "answer_rated"]


@pytest.mark.parametrize(("wanted", "found"), [("a1", "a1"), ("", "a2"), ("a3", None), ("licencia", None)])
async def test_answer_is_found_by_its_id_or_is_the_newest(
    call: Call, redis: Redis, wanted: str, found: str | None
) -> None:
    await happened(redis, "message", rating_id="a1", provenance=PROOF)
    await happened(redis, "message", rating_id="a2", provenance=PROOF)
    await happened(redis, "message", provenance=PROOF)
    answer = await call("ratings", "rated_answer", "c1", wanted)
    assert (answer and answer["rating_id"]) == (found or False)


async def test_newest_rating_of_an_answer_is_found(call: Call, redis: Redis) -> None:
    await happened(redis, "message", rating_id="a1", provenance=PROOF)
    await happened(redis, "answer_rated", answer="a1", useful=True, reason="")
    await happened(redis, "answer_rated", answer="a1", useful=False, reason="wrong")
    _, newest = await call("ratings", "rated_answer", "c1", "a1")
    assert newest == {"answer": "a1", "useful": False, "reason": "wrong"}


async def test_rating_is_stored_with_entry_and_version_and_a_repeat_is_not(call: Call, redis: Redis) -> None:
    await conversation(redis)
    await happened(redis, "message", rating_id="a1", provenance=PROOF)
    for useful, reason in ((False, ""), (False, "wrong"), (False, "")):  # a bare no keeps its reason
        assert await call("ratings", "rate_answer", "c1", {"answer": "a1", "useful": useful, "reason": reason}) == 1
    whole = {"answer": "a1", **PROOF, "useful": False}
    assert await stored(redis) == [{**whole, "reason": ""}, {**whole, "reason": "wrong"}]


async def test_unknown_answer_is_not_rated(call: Call, redis: Redis) -> None:
    await conversation(redis)
    await happened(redis, "message", provenance=PROOF)
    for answer in ("a1", ""):
        assert await call("ratings", "rate_answer", "c1", {"answer": answer, "useful": True, "reason": ""}) == 0
    assert await stored(redis) == []


async def test_changes_of_mind_are_limited(call: Call, redis: Redis) -> None:
    await conversation(redis)
    await happened(redis, "message", rating_id="a1", provenance=PROOF)
    for number in range(MAX_RATINGS_OF_AN_ANSWER + 2):
        rating = {"answer": "a1", "useful": number % 2 == 0, "reason": ""}
        assert await call("ratings", "rate_answer", "c1", rating) == 1
    assert len(await stored(redis)) == MAX_RATINGS_OF_AN_ANSWER
