"""Tests on each channel how a citizen rates an answer as helpful or not, with the simulated provider."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio

from bot.agency.model import Agency
from bot.core.event_facts import AnswerRatingFacts
from bot.core.messages import Speaker
from tests.channels.behaviours import Stand
from tests.channels.stands import EVERY
from tests.eventually import eventually


@pytest_asyncio.fixture(params=sorted(EVERY))
async def stand(request: pytest.FixtureRequest, redis: Any, agency: Agency) -> AsyncIterator[Stand]:
    async with EVERY[request.param](redis, agency) as made:
        await made.world.inbox.open(made.conversation, made.world.channel.channel, None)
        await redis.hset(f"v:conv:{made.conversation}", "welcomed", 1)
        yield made


async def ratings(stand: Stand) -> list[tuple[bool, str]]:
    log = await stand.world.inbox.events(stand.conversation)
    return [(one.facts.useful, one.facts.reason) for one in log if isinstance(one.facts, AnswerRatingFacts)]


async def get(stand: Stand, count: int) -> str:
    """Waits for message number ``count`` (from 1) and returns its text."""
    await eventually(lambda: len(stand.got()) >= count)
    return stand.got()[count - 1].text


async def test_question_stands_below_an_answer_and_below_nothing_else(stand: Stand) -> None:
    await stand.write("trámite", id=1)
    text = (await get(stand, 1)).replace("*", "").replace("_", "")
    assert text.startswith("Se hace aquí.\n\n¿Te sirvió?")
    await stand.write("otro asunto", id=2)
    assert await get(stand, 2) == "eco: otro asunto"
    await stand.write("trámite", id=3)  # the same entry
    assert "sirvió" not in await get(stand, 3)


async def test_no_is_typed_explained_and_undone(stand: Stand) -> None:
    await stand.write("trámite", id=1)
    await get(stand, 1)
    await stand.write("no", id=2)
    assert "¿Qué pasó con la respuesta?" in await get(stand, 2)
    await stand.write("Falta algo", id=3)
    assert "quedó anotado" in await get(stand, 3)
    assert await ratings(stand) == [(False, ""), (False, "missing")]


async def test_reason_may_be_pressed_and_a_repeat_counts_once(stand: Stand) -> None:
    await stand.write("trámite", id=1)
    await get(stand, 1)
    await stand.write("no", id=2)
    await get(stand, 2)
    offered = stand.got()[1].choices
    assert [one.title for one in offered][-1] == "Hablar con alguien"
    for number in (3, 4):
        await stand.press(offered[3], id=number)
        await get(stand, number)
    assert await ratings(stand) == [(False, ""), (False, "wrong")]


async def test_yes_is_undone_by_a_later_no(stand: Stand) -> None:
    await stand.write("trámite", id=1)
    await get(stand, 1)
    await stand.write("sí", id=2)
    assert await get(stand, 2) == "Gracias por decirnos."
    await stand.write("no", id=3)
    await get(stand, 3)
    assert await ratings(stand) == [(True, ""), (False, "")]


async def test_person_is_one_tap_away_after_a_no(stand: Stand) -> None:
    await stand.write("trámite", id=1)
    await get(stand, 1)
    await stand.write("no", id=2)
    await get(stand, 2)
    await stand.write("Hablar con alguien", id=3)
    assert "eco: /ask_human" in await get(stand, 3)


async def test_complaint_in_own_words_is_a_rating_and_still_goes_to_a_person(stand: Stand) -> None:
    await stand.write("trámite", id=1)
    await get(stand, 1)
    await stand.write("no entendí nada", id=2)
    await get(stand, 2)
    assert await ratings(stand) == [(False, "")]
    assert (await stand.world.inbox.state(stand.conversation)).speaker is Speaker.WAITING


async def test_word_means_nothing_after_another_question(stand: Stand) -> None:
    await stand.write("trámite", id=1)
    await get(stand, 1)
    await stand.write("otro asunto", id=2)
    await get(stand, 2)
    await stand.write("no", id=3)
    assert await get(stand, 3) == "eco: no"
    assert await ratings(stand) == []
