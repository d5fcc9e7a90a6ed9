"""Tests shared locations: the assistant's reply, and what Rasa gets from then on."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import httpx
import pytest

from bot.agency.model import Agency
from bot.conversation.state import ConversationState
from bot.core.messages import Channel, CitizenMessage, Place, Reply, Speaker
from bot.turns.assistant import Assistant
from bot.turns.rasa_client import Rasa
from bot.turns.turns import Turns

INSIDE, OUTSIDE = Place(-33.25, -70.77), Place(-33.45, -70.66)
STATE = ConversationState(True, Channel.TELEGRAM, Speaker.ASSISTANT, None, True, (), 0)


def message(text: str, place: Place | None) -> CitizenMessage:
    return CitizenMessage("c", Channel.TELEGRAM, "1", text, 0, place=place)


def turns(agency: Agency, asked: list[Any]) -> Turns:
    def handle(request: httpx.Request) -> httpx.Response:
        asked.append(json.loads(request.content)["metadata"])
        return httpx.Response(200, json=[{"text": "Así."}])

    rasa = Rasa("http://rasa", transport=httpx.MockTransport(handle))
    return Turns(agency=agency, assistant=Assistant(rasa), wait_notice=lambda _now: Reply("Espera."))


@pytest.mark.parametrize(
    ("place", "text", "begins", "comuna"),
    [
        (INSIDE, "", ["Recibí tu ubicación: está **dentro"], "los-aromos"),
        (OUTSIDE, "", ["Recibí tu ubicación, pero según nuestro mapa"], "otra-comuna"),
        (INSIDE, "hay un hoyo", ["Así."], "los-aromos"),
        (OUTSIDE, "hay un hoyo", ["Recibí tu ubicación, pero según nuestro mapa", "Así."], "otra-comuna"),
    ],
)
async def test_outside_always_gets_a_reply_and_inside_only_without_a_question(
    agency: Agency, place: Place, text: str, begins: list[str], comuna: str
) -> None:
    asked: list[Any] = []
    decision = await turns(agency, asked).take(message(text, place), STATE)
    assert [reply.text[: len(start)] for reply, start in zip(decision.replies, begins, strict=True)] == begins
    assert decision.change.known == {"comuna": comuna}
    assert asked == ([{"channel": "telegram", "dialogue": [], "comuna": comuna}] if text else [])


async def test_next_question_knows_the_location(agency: Agency) -> None:
    asked: list[Any] = []
    await turns(agency, asked).take(message("¿y ahora?", None), replace(STATE, known={"comuna": "otra-comuna"}))
    assert asked == [{"channel": "telegram", "dialogue": [], "comuna": "otra-comuna"}]


async def test_without_a_territory_nothing_is_claimed(agency: Agency) -> None:
    unknown = replace(agency, territory=None)
    decision = await turns(unknown, []).take(message("", OUTSIDE), STATE)
    assert [reply.text for reply in decision.replies] == [agency.say("ubicacion")]
    assert decision.change.known == {}


async def test_location_is_noted_silently_while_staff_attend(agency: Agency) -> None:
    decision = await turns(agency, []).take(message("aquí", OUTSIDE), replace(STATE, speaker=Speaker.STAFF))
    assert (decision.replies, decision.change.known) == ((), {"comuna": "otra-comuna"})
