"""kill -9 of any part in the middle of a conversation: every message is answered, once, in order."""

from __future__ import annotations

import time

import pytest

from tests.acceptance.people import Citizen
from tests.system import Installation

QUESTIONS = (
    ("¿Cómo renuevo mi licencia de conducir?", "licencia"),
    ("¿Cómo renuevo mi cédula de identidad?", "cédula"),
    ("¿Cómo me inscribo en el CESFAM?", "CESFAM"),
    ("¿Dónde están los puntos limpios para reciclar?", "limpio"),
)
PATIENCE_S = 90


@pytest.mark.parametrize("part", ["bot", "valkey", "postgres", "actions", "rasa"])
def test_killing_a_part_loses_no_message(installation: Installation, part: str) -> None:
    citizens = [Citizen(installation.url) for _ in range(4)]
    try:
        for number, (question, _) in enumerate(QUESTIONS):
            for citizen in citizens:
                citizen.send(question)
            if number == 1:
                installation.kill(part)
        for citizen in citizens:
            answered_in_order(citizen)
    finally:
        for citizen in citizens:
            citizen.close()
        installation.wait_healthy()


def answered_in_order(citizen: Citizen) -> None:
    """Each question has its one answer, in order; from a failed one on, the citizen waits for a person and was told."""
    deadline = time.monotonic() + PATIENCE_S
    while True:
        events = citizen.events()
        told = [event["text"] for event in events[1:] if event["author"] != "citizen"]
        answers = [event["text"] for event in events if event.get("source")]
        handed_off = any("lugar" in text for text in told)
        if len(answers) == len(QUESTIONS) or handed_off:
            break
        assert time.monotonic() < deadline, told
        time.sleep(0.2)
    asked = [event["text"] for event in events if event["author"] == "citizen"]
    assert asked == [question for question, _ in QUESTIONS]
    assert all(word in text for (_, word), text in zip(QUESTIONS, answers, strict=False))
    if handed_off:
        assert sum("problema" in text for text in told) == 1
        assert sum("**lugar" in text for text in told) == 1
