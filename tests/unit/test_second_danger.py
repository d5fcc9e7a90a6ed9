"""Tests that a second danger of who waits in an emergency gets its own numbers, also without a phrase."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from datetime import datetime
from typing import Any

import httpx
import pytest
import pytest_asyncio

from bot.agency.model import Agency
from bot.conversation.state import ConversationState, KeptDanger
from bot.core.messages import Channel, CitizenMessage, Priority, RecognizedDanger, Reply, Speaker
from bot.turns.assistant import Assistant
from bot.turns.outcome import Decision
from bot.turns.queue.waiting import WaitingRules
from bot.turns.rasa_client import Rasa
from bot.turns.turns import Turns

NOW_MS = int(time.time() * 1000)
FIRE = KeptDanger("incendio", True, NOW_MS - 1000)
WAITING = ConversationState(True, Channel.WEB, Speaker.WAITING, "7", True, (), 1, "7", in_emergency=True)
STROKE, FAREWELL, FLAMES = "se le fue un lado de la cara", "ya no los molesto más", "ya llega a la muralla"
IDIOM = "me dio un infarto cuando vi la cuenta"  # has a phrase
FOUND = {
    STROKE: RecognizedDanger("medica", sure=True),
    FAREWELL: RecognizedDanger("suicidio", sure=False),
    FLAMES: RecognizedDanger("incendio", sure=True),
    IDIOM: RecognizedDanger("medica", sure=False),
}
Take = Callable[..., Any]


async def place(_ticket: str, _now: datetime) -> Reply:
    return Reply("lugar 1")


async def judge(text: str) -> RecognizedDanger | None:
    return FOUND.get(text)


@pytest_asyncio.fixture
async def take(agency: Agency) -> AsyncIterator[Take]:
    rasa = Rasa("http://rasa", transport=httpx.MockTransport(lambda _request: httpx.Response(500)))
    rules = WaitingRules(position_notice=place)
    turns = Turns(agency=agency, assistant=Assistant(rasa), wait_notice=place, waiting=rules, judge=judge)

    async def taken(text: str, *dangers: KeptDanger) -> Decision:
        state = replace(WAITING, dangers=(FIRE, *dangers))
        return await turns.take(CitizenMessage("c1", Channel.WEB, "m1", text, at=0), state)

    yield taken
    await rasa.close()


def told(decision: Decision) -> list[tuple[str, bool]]:
    return [(one.danger.kind, one.danger.sure) for one in decision.replies if one.danger]


async def test_sure_danger_of_another_kind_gets_its_own_numbers(agency: Agency, take: Take) -> None:
    decision = await take(STROKE)
    assert [one.text for one in decision.replies] == [agency.emergencies["medica"]]
    assert decision.change.escalate_to is Priority.EMERGENCY


@pytest.mark.parametrize(("text", "kind"), [(FAREWELL, "suicidio"), (IDIOM, "medica")])
async def test_possible_danger_of_another_kind_gets_its_line_above_the_reminder(
    agency: Agency, take: Take, text: str, kind: str
) -> None:
    decision = await take(text)
    assert told(decision) == [(kind, False), ("incendio", True)]
    assert decision.replies[0].text == agency.emergency_notices[kind]
    assert {f"danger-{kind}", "sin-emergencia"} <= {one.id for one in decision.change.buttons or ()}


@pytest.mark.parametrize("text", [FLAMES, "apúrense", "auxilio"])
async def test_message_about_the_same_emergency_gets_only_the_reminder(take: Take, text: str) -> None:
    assert told(await take(text)) == [("incendio", True)]


async def test_line_of_another_kind_is_not_repeated_at_once(take: Take) -> None:
    lately = KeptDanger("suicidio", False, int(time.time() * 1000))
    assert told(await take(FAREWELL, lately)) == [("incendio", True)]


async def test_reminder_names_the_numbers_of_every_open_emergency(agency: Agency, take: Take) -> None:
    stroke = KeptDanger("medica", True, int(time.time() * 1000))
    denied = KeptDanger("gas", True, NOW_MS, denied=NOW_MS)
    decision = await take("apúrense", stroke, denied)
    assert told(decision) == [("medica", True)]
    assert agency.say("emergencia_sigue", numeros="**131** o **132** o **130**") == decision.replies[-1].text
