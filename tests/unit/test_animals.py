"""Tests a follow-up about an animal in danger: the number just in case, the answer again, no emergency."""

from __future__ import annotations

import json
import time
from datetime import datetime

import httpx
import pytest

from bot.agency.model import Agency
from bot.conversation.dialogue import Dialogue
from bot.conversation.state import ConversationState
from bot.core.messages import Channel, CitizenMessage, Priority, Provenance, RecognizedDanger, Reply, Speaker
from bot.core.payload import Payload
from bot.crisis.animals import describes_animal_danger, names_person
from bot.turns.assistant import Assistant
from bot.turns.outcome import Decision
from bot.turns.queue.waiting import WaitingRules
from bot.turns.rasa_client import Rasa
from bot.turns.turns import Turns

DYING = "se esta muriendo ayudenme"
POISON = Provenance("veneno", "v", "Mi mascota comió veneno, ¿qué hago?", 0.9)
NIGHT = Provenance("noche", "v", "¿Qué hago si mi mascota tiene una urgencia de noche?", 0.9)
BITTEN = Provenance("mordida", "v", "Me mordió un perro, ¿qué hago?", 0.9)


async def place(_ticket: str, _now: datetime) -> Reply:
    return Reply("lugar 1")


def after(*asked: tuple[str, Provenance]) -> Dialogue:
    dialogue = Dialogue()
    for words, entry in asked:
        dialogue = dialogue.after((Payload("respuesta", provenance=entry),), {}, None, int(time.time() * 1000), words)
    return dialogue


async def taken(agency: Agency, text: str, dialogue: Dialogue, speaker: Speaker = Speaker.ASSISTANT) -> Decision:
    def answer(request: httpx.Request) -> httpx.Response:
        said = json.loads(request.content)["message"]
        return httpx.Response(200, json=[{"custom": {"ventanilla": {"text": said, "provenance": POISON.to_data()}}}])

    rasa = Rasa("http://rasa", transport=httpx.MockTransport(answer))
    rules = WaitingRules(position_notice=place)
    turns = Turns(agency=agency, assistant=Assistant(rasa), wait_notice=place, waiting=rules)
    ticket = None if speaker is Speaker.ASSISTANT else "7"
    state = ConversationState(True, Channel.WEB, speaker, ticket, True, (), 1, "7", dialogue=dialogue)
    decision = await turns.take(CitizenMessage("c1", Channel.WEB, "m1", text, at=0), state)
    await rasa.close()
    return decision


@pytest.mark.parametrize(
    "asked",
    [
        [("mi perro se comio un veneno", POISON)],
        [("mi perro se comio un veneno", POISON), ("son las 11 donde lo llevo", NIGHT)],
    ],
)
async def test_dying_animal_gets_the_number_in_case_and_its_answer_again(
    agency: Agency, asked: list[tuple[str, Provenance]]
) -> None:
    decision = await taken(agency, DYING, after(*asked))
    line, again = decision.replies[:2]
    assert (line.text, line.danger) == (agency.emergency_notices["medica"], RecognizedDanger("medica", sure=False))
    assert again.text == f'/choose_entry{{"entry": "{asked[-1][1].entry}"}}'
    assert decision.handoff is None


@pytest.mark.parametrize(
    ("text", "dialogue"),
    [
        (DYING, Dialogue()),
        (DYING, after(("mi hijo se comio un veneno", POISON))),
        (DYING, after(("me mordio un perro", BITTEN))),
        (DYING, after(("mi perro y mi hijo comieron veneno", POISON))),
        ("mi hijo se esta muriendo ayudenme", after(("mi perro se comio un veneno", POISON))),
        ("me estoy muriendo", after(("mi perro se comio un veneno", POISON))),
        ("mi hijo tambien comio veneno", after(("mi perro se comio un veneno", POISON))),
    ],
)
async def test_danger_that_may_be_a_persons_opens_an_emergency(agency: Agency, text: str, dialogue: Dialogue) -> None:
    decision = await taken(agency, text, dialogue)
    assert decision.handoff
    assert decision.handoff.priority is Priority.EMERGENCY


@pytest.mark.parametrize(("words", "priority"), [("mi perro se comio un veneno", None), ("", Priority.EMERGENCY)])
async def test_dying_animal_of_a_waiting_citizen(agency: Agency, words: str, priority: Priority | None) -> None:
    dialogue = after((words, POISON)) if words else Dialogue()
    decision = await taken(agency, DYING, dialogue, Speaker.WAITING)
    assert (decision.change.escalate_to, decision.replies[0].danger) == (
        priority,
        RecognizedDanger("medica", sure=priority is not None),
    )


@pytest.mark.parametrize("text", ["mi perro no respira", DYING, "se me muere el gato", "me ayudan por favor"])
def test_text_about_an_animal_names_no_person(text: str) -> None:
    assert not names_person(text)


@pytest.mark.parametrize("text", ["me mordio mi perro y sangro", "el perro mordio a mi hija", "me ahogo"])
def test_text_about_a_person_names_one(text: str) -> None:
    assert names_person(text)
    assert not describes_animal_danger(text)
