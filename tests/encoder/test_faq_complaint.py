"""Tests that a complaint gets the answer of an entry only if its matter alone would get that answer, too."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from bot.faq.answering.answerer import Answerer
from bot.faq.answering.context import Context
from bot.faq.answering.two_questions import TwoQuestions
from bot.faq.words.keywords import Keywords

TODAY = date(2026, 11, 24)


def test_words_that_complain_do_not_choose_the_entry(demo: Answerer) -> None:
    decision = demo.answer("reclamo xq no pasa la basura", today=TODAY)
    assert (decision.kind, decision.candidates[0].entry) == ("clarify", "basura-horario")


@pytest.mark.parametrize("text", ["quiero reclamar que no pasa la basura", "vengo a reclamar porque no pasa la basura"])
def test_entry_that_is_unlikely_beside_the_words_that_complain_is_not_offered(demo: Answerer, text: str) -> None:
    """The words that complain resemble an entry on charges, and the subject alone resembles that on the collection."""
    assert demo.answer(text, today=TODAY).kind == "handoff"


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
    """Without «quiero reclamar», «el radar está escondido» would get an offer of the entry on fines."""
    radar = "quiero reclamar porque el radar está escondido detrás de un árbol"
    assert demo.answer(radar, today=TODAY).kind == "handoff"


@pytest.mark.parametrize("previous", [None, "bache"])
@pytest.mark.parametrize("text", ["quiero reclamar por eso", "quiero reclamar por esto", "quiero reclamar por algo"])
def test_complaint_about_nothing_named_is_handed_off(demo: Answerer, text: str, previous: str | None) -> None:
    """The word «reclamar» alone names an entry, and «eso» resembles another entry."""
    assert demo.answer(text, today=TODAY, context=Context(previous=previous)).kind == "handoff"


def test_word_that_complains_offers_no_entry(demo: Answerer) -> None:
    """«reclamar» and «demora» resemble the entry on consumers' rights, which is not likely for «la demora»."""
    assert demo.answer("quiero reclamar por la demora", today=TODAY).kind == "handoff"


@pytest.mark.parametrize(
    "text",
    [
        "tengo un reclamo que hacer",
        "tengo un reclamo y quiero saber en qué está",
        "quiero reclamar y no sé dónde",
        "¿Reclamo por internet o tengo que ir?",
        "tengo un reclamo de hace un mes y nadie me responde, ¿en qué va?",
        "quiero hacer un reclamo por internet",
        "quiero reclamar por una compra",
    ],
)
def test_entry_on_complaints_is_likeliest_for_words_about_complaining(demo: Answerer, text: str) -> None:
    decision = demo.answer(text, today=TODAY)
    assert (decision.kind != "handoff", decision.candidates[0].entry) == (True, "sernac")


def test_question_how_to_complain_keeps_its_entry(demo: Answerer) -> None:
    decision = demo.answer("reclamo por una multa de tránsito cómo se hace", today=TODAY)
    assert (decision.kind, decision.candidates[0].entry) == ("clarify", "multas-pago")


@pytest.mark.parametrize(
    ("text", "ids"),
    [
        (
            "quiero reclamar por el hoyo de mi calle y saber cómo renovar la licencia de conducir",
            ["bache", "licencia-renovar"],
        ),
        (
            "quiero reclamar por el hoyo de mi calle y necesito renovar la licencia de conducir",
            ["bache", "licencia-renovar"],
        ),
        (
            "quiero reclamar que no pasa la basura y saber cómo renovar la licencia de conducir",
            ["basura-horario", "licencia-renovar"],
        ),
    ],
)
def test_complaint_and_a_question_get_two_answers(demo: Answerer, text: str, ids: list[str]) -> None:
    """An entry answers the complaint only if the matter alone gets that answer; the one on the refuse fee does not."""
    assert [one.id for one in demo.answer(text, today=TODAY).answers] == ids


def test_two_questions_are_found_in_their_order_if_likely_together(demo: Answerer) -> None:
    text = "quiero reclamar por el hoyo de mi calle y necesito renovar la licencia de conducir"
    keywords, judged = Keywords(demo.entries), demo._judged(text)
    two = TwoQuestions(keywords, demo._judged, demo.thresholds).of(text, judged)
    assert two is not None and (two.first.entry, two.second.entry) == ("bache", "licencia-renovar")
    assert TwoQuestions(keywords, demo._judged, replace(demo.thresholds, answer=1.0)).of(text, judged) is None
