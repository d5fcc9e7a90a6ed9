"""Tests emergency intents: the right number with a word of danger, otherwise the FAQ."""

from __future__ import annotations

from dataclasses import replace

import pytest
from actions_fakes import heard, turn
from rasa_sdk import Tracker
from rasa_sdk.executor import CollectingDispatcher

from actions.emergency import Emergency, numbers
from actions.step import Domain, Events
from tests.faq_files import agency


class Otherwise:
    """An action that says ``utter_otherwise``, so that tests see that it ran."""

    name = "otherwise"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Domain) -> Events:
        dispatcher.utter_message(response="utter_otherwise")
        return []


ACTION = Emergency(agency(), Otherwise())
ADMISSION = ("guagua en brazos entra", "la guagua en brazos paga?", "entra una guagua en brazos gratis")


@pytest.mark.parametrize(("text", "number"), [("el fuego no para", "132"), ("me siento mal, un infarto", "131")])
async def test_word_of_danger_gives_its_number_and_an_emergency_handoff(text: str, number: str) -> None:
    (said,) = await turn(ACTION, heard(text))
    assert said["handoff"]["priority"] == "emergency"
    assert said["handoff"]["reason"] == "emergency"
    assert f"**{number}**" in said["text"]


@pytest.mark.parametrize("text", ["guagua en brazos entra en convulsiones", "mi guagua en brazos entra en shock"])
async def test_child_in_arms_who_is_in_danger_gets_a_number(text: str) -> None:
    (said,) = await turn(ACTION, heard(text))
    assert said["handoff"]["priority"] == "emergency"


async def test_faq_is_asked_about_a_phrase_that_the_classifier_doubts() -> None:
    assert await turn(ACTION, heard("me dio un infarto cuando vi la cuenta")) == [{"response": "utter_otherwise"}]


@pytest.mark.parametrize("text", ["", "hay un hoyo en mi calle", "🦙", "¿cuándo pasa la basura?", *ADMISSION])
async def test_faq_is_asked_without_a_word_of_danger(text: str) -> None:
    assert await turn(ACTION, heard(text)) == [{"response": "utter_otherwise"}]


def test_kind_without_a_text_gets_the_general_one() -> None:
    bare = replace(agency(), emergencies={"general": "Llama al **131**.", "fuego": ""})
    for kind in ("fuego", "never heard of", ""):
        assert numbers(bare, kind).text == "Llama al **131**."


def test_handoff_goes_to_the_default_team() -> None:
    handoff = numbers(agency(), "general").handoff
    assert handoff and handoff.team == agency().default_team
