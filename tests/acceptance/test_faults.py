"""kill -9 of any part in the middle of a conversation: every message is answered, once, in order."""

from __future__ import annotations

import pytest

from tests.acceptance.people import Citizen
from tests.system import Installation

QUESTIONS = (
    "¿Cómo renuevo mi licencia de conducir?",
    "¿Cómo renuevo mi cédula de identidad?",
    "¿Cómo me inscribo en el CESFAM?",
    "¿Dónde están los puntos limpios para reciclar?",
)
PATIENCE_S = 90


@pytest.mark.parametrize("part", ["bot", "valkey", "postgres", "actions", "rasa"])
def test_killing_a_part_loses_no_message(installation: Installation, part: str) -> None:
    citizens = [Citizen(installation.url) for _ in range(4)]
    for number, question in enumerate(QUESTIONS):
        for citizen in citizens:
            citizen.send(question)
        if number == 1:
            installation.kill(part)
    for citizen in citizens:
        expected = [*QUESTIONS]
        installation_answers(citizen)
        asked = [event["text"] for event in citizen.events() if event["author"] == "citizen"]
        assert asked == expected
        citizen.close()
    installation.wait_healthy()


def installation_answers(citizen: Citizen) -> None:
    """Waits until each question has its reply, or the citizen was told of the failure and waits for a person."""
    first = citizen.events()[0]["id"]
    citizen.wait_reply(first, PATIENCE_S)
    last_question = [event for event in citizen.events() if event["author"] == "citizen"][-1]["id"]
    told = [event for event in citizen.events() if event["author"] != "citizen"]
    if any("lugar" in event["text"] for event in told):
        return
    citizen.wait_reply(last_question, PATIENCE_S)
    sources = [event["source"]["url"] for event in citizen.events() if event.get("source")]
    assert len(sources) == len(set(sources)) == len(QUESTIONS)
