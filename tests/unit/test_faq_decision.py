"""Tests how a danger, and a question, are weighed against the command that a message also is."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.faq.answering.decision import MOST_PARTS, Decision, despite_command, outside, without_false_courtesy
from bot.faq.answering.judgement import Judgement
from bot.faq.ranking.background import OutOfScopeTopic
from bot.faq.ranking.commands import Command
from bot.faq.ranking.risk import Danger
from tests.faq_files import agency

CALL, FAREWELL = Command("ask_human", 0.95), Command("goodbye", 0.95)
SURE, POSSIBLE = Danger("medica", 0.8, 0.5), Danger("medica", 0.5, 0.5)


class Judge:
    """Finds the danger SURE in parts with «dormido», and records the parts."""

    def __init__(self) -> None:
        self.judged: list[str] = []

    def __call__(self, part: str) -> Judgement:
        self.judged.append(part)
        return Judgement((), 0.0, None, danger=SURE if "dormido" in part else None)


@pytest.mark.parametrize(
    ("text", "command", "sure"),
    [
        ("medio cuerpo dormido, que alguien me llame", CALL, True),
        ("que alguien me llame, medio cuerpo dormido", CALL, True),
        ("no me llamen más, mejor", CALL, False),
        ("medio cuerpo dormido llámenme", CALL, False),
        ("me despido para siempre", FAREWELL, True),
        ("que alguien me llame", None, True),
    ],
)
def test_sure_danger_beside_a_likelier_command_needs_a_dangerous_part(
    text: str, command: Command | None, sure: bool
) -> None:
    found = despite_command(text, SURE, command, Judge())
    assert found and found.sure is sure


def test_only_the_first_parts_of_a_sure_danger_are_judged() -> None:
    judge = Judge()
    despite_command("que me llamen, " * 50, SURE, CALL, judge)
    assert len(judge.judged) == MOST_PARTS
    assert despite_command("que me llamen, ya mismo", POSSIBLE, CALL, judge) == POSSIBLE
    assert len(judge.judged) == MOST_PARTS


@pytest.mark.parametrize(
    ("text", "name", "stays"),
    [
        ("y donde la devuelvo entonces", "goodbye", False),
        ("y mañana", "goodbye", False),
        ("y chao", "goodbye", True),
        ("y por cuánto sirve", "feedback_good", False),
        ("cuando quieras hablamos", "goodbye", True),
        ("que le vaya bien", "goodbye", True),
        ("donde puedo hablar con alguien", "ask_human", True),
    ],
)
def test_open_question_is_no_farewell_and_no_praise(text: str, name: str, stays: bool) -> None:
    decision = Decision("handoff", command=Command(name, 0.4))
    assert (without_false_courtesy(decision, text).command is not None) is stays


@pytest.mark.parametrize(
    ("name", "scope", "emergency", "kind", "is_named"),
    [
        ("Municipalidad de Los Aromos", "municipal", "", "handoff", True),
        ("Hospital San Rafael", "municipal", "", "handoff", False),
        ("Hospital San Rafael", "municipal", "gas", "handoff", True),
        ("Hospital San Rafael", "nacional", "", "refer", True),
    ],
)
def test_only_a_municipality_names_a_municipal_topic(
    name: str, scope: str, emergency: str, kind: str, is_named: bool
) -> None:
    topic = OutOfScopeTopic("salones", ("arriendan el salón?",), scope=scope, body="Obras", emergency=emergency)
    decision = outside(topic, (), replace(agency(), name=name))
    assert (decision.kind, decision.out_of_scope_topic) == (kind, topic if is_named else None)
