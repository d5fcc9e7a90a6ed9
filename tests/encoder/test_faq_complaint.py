"""Tests that a complaint gets the answer of an entry only if its matter alone would get it, too."""

from __future__ import annotations

from datetime import date

import pytest

from bot.faq.answering.answerer import Answerer
from bot.faq.answering.context import Context
from bot.faq.answering.two_questions import TwoQuestions
from bot.faq.words.keywords import Keywords

TODAY = date(2026, 11, 24)


@pytest.mark.parametrize(
    "text",
    [
        "quiero reclamar que no pasa la basura",
        "vengo a reclamar porque no pasa la basura",
        "reclamo xq no pasa la basura",
    ],
)
def test_words_that_complain_do_not_choose_the_entry(demo: Answerer, text: str) -> None:
    decision = demo.answer(text, today=TODAY)
    assert (decision.kind, decision.candidates[0].entry) == ("clarify", "basura-horario")


def test_complaint_is_no_follow_up(demo: Answerer) -> None:
    text = "quiero reclamar que no pasa la basura"
    decisions = [demo.answer(text, today=TODAY, context=Context(previous=one)) for one in (None, "aseo-exencion")]
    assert decisions[0] == decisions[1]


@pytest.mark.parametrize(
    "text",
    ["quiero reclamar por el hoyo que hay frente a mi casa", "vengo a reclamar porque la vereda está toda rota"],
)
def test_entry_that_explains_the_matter_answers_a_complaint(demo: Answerer, text: str) -> None:
    decision = demo.answer(text, today=TODAY)
    assert decision.entry is not None and decision.entry.id == "bache"


def test_complaint_whose_words_only_suggest_an_entry_is_handed_off(demo: Answerer) -> None:
    """Alone, «el radar está escondido» would be offered the entry on fines."""
    radar = "quiero reclamar porque el radar está escondido detrás de un árbol"
    assert demo.answer(radar, today=TODAY).kind == "handoff"


def test_complaint_asks_one_question(demo: Answerer) -> None:
    text = "quiero reclamar por el hoyo que hay frente a mi casa"
    two = TwoQuestions(Keywords(demo.entries), demo._judged, demo.thresholds.answer)
    assert two.of(text, demo._judged(text)) is None
