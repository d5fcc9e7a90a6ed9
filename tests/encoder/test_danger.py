"""Tests the real danger classifier on messages that the answerer does not see: small talk, farewells, impatience."""

from __future__ import annotations

from datetime import date

import pytest
import yaml

from bot.crisis.emergency import find
from bot.faq.answering.answerer import Answerer
from tests.home import ROOT

SMALL_TALK = ROOT / "benchmarks" / "small_talk.yml"  # wordings that nothing was taught


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("a mi abuela se le fue un lado de la cara y no puede armar las palabras", "medica"),
        ("mi papá se quedó como ido y no me contesta", "medica"),
    ],
)
def test_danger_without_a_phrase_is_sure(demo: Answerer, text: str, kind: str) -> None:
    danger = demo.danger(text)
    assert (find(text), danger and (danger.kind, danger.sure)) == (None, (kind, True))


def test_wordings_of_entries_are_judged_together(demo: Answerer) -> None:
    texts = ["mi papá se quedó como ido y no me contesta", "¿Cómo pago el permiso de circulación?"]
    assert [one and (one.kind, one.sure) for one in demo.dangers(texts)] == [("medica", True), None]


def test_farewell_is_a_possible_danger(demo: Answerer) -> None:
    danger = demo.danger("gracias, total ya no me queda nada por qué vivir")
    assert danger is not None
    assert danger.kind == "suicidio"


@pytest.mark.parametrize(
    "text",
    [
        "me confundi y tome el jarabe de la perra",
        "una pastilla del gato se la comió mi guagua",
    ],
)
def test_person_who_swallowed_an_animals_medicine_may_be_in_danger(demo: Answerer, text: str) -> None:
    danger = demo.danger(text)
    assert danger
    assert danger.kind == "medica"


@pytest.mark.parametrize(
    "text", ["son las 11 de la noche donde lo llevo", "donde la llevo a esta hora", "cuantas pastillas le doy al perro"]
)
def test_animals_doctor_at_night_is_no_danger(demo: Answerer, text: str) -> None:
    assert demo.danger(text) is None


@pytest.mark.parametrize("text", ["no no no", "ya me voy, bye", "sigo esperando", "9 8765 4321", "🙂", ""])
def test_short_reply_is_harmless(demo: Answerer, text: str) -> None:
    assert demo.danger(text) is None


def test_small_talk_is_hardly_ever_a_danger(demo: Answerer) -> None:
    wordings = yaml.safe_load(SMALL_TALK.read_text(encoding="utf-8"))
    texts = [text for intent, some in wordings.items() if intent != "emergency" for text in some]
    found = [danger for text in texts if (danger := demo.danger(text))]
    assert len(found) <= len(texts) // 40
    assert not any(danger.sure for danger in found)


@pytest.mark.parametrize("words", ["no me sirves quiero una persona", "no sirves pa esto, dame una persona"])
def test_who_rejects_the_assistant_gets_no_line_about_suicide(demo: Answerer, words: str) -> None:
    decision = demo.answer(words, today=date(2026, 11, 24))
    assert decision.command is not None
    assert (decision.command.name, decision.danger, demo.danger(words)) == ("ask_human", None, None)


@pytest.mark.parametrize(
    "words",
    ["no me sirves, quiero hablar con alguien antes de matarme", "siento que no sirvo, quiero hablar con una persona"],
)
def test_danger_beside_a_rejection_still_counts(demo: Answerer, words: str) -> None:
    assert find(words) or demo.answer(words, today=date(2026, 11, 24)).danger
