"""Tests that a repeated utterance belongs to its entry, and a repeated counterexample does not."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from bot.faq.answering.exact_utterances import ExactUtterances
from bot.faq.entries.folder import load_folder
from bot.faq.ranking.coefficients import tuned
from tests.faq_files import QUESTIONS, agency, write_folder


@pytest.fixture
def utterances(tmp_path: Path) -> ExactUtterances:
    (entry,) = load_folder(write_folder(tmp_path / "faq", ["bache"]), agency().teams).entries
    return ExactUtterances([replace(entry, counterexamples=("¿Quién hizo el bache?",))])


def test_accents_case_and_signs_make_no_difference(utterances: ExactUtterances) -> None:
    question = QUESTIONS["bache"][0]
    assert question.upper() in utterances
    assert "otra cosa" not in utterances
    assert utterances.denies("quien hizo el BACHE", "bache")
    assert not utterances.denies("quien hizo el BACHE", "otra")


def test_utterance_raises_its_entry_and_counterexample_excludes_it(utterances: ExactUtterances) -> None:
    found = {"otra": 0.5, "bache": 0.1}
    assert utterances.ranked("otra cosa", found) == [("otra", 0.5), ("bache", 0.1)]
    assert utterances.ranked(QUESTIONS["bache"][0], found) == [("bache", tuned().answerer.exact), ("otra", 0.5)]
    assert utterances.ranked("quién hizo el bache", found) == [("otra", 0.5), ("bache", 0.0)]


def test_entry_for_those_who_have_it_is_excluded_for_who_does_not_have_it_yet(tmp_path: Path) -> None:
    (entry,) = load_folder(write_folder(tmp_path / "faq", ["bache"]), agency().teams).entries
    utterances = ExactUtterances([replace(entry, question="¿Cómo renuevo mi cédula?")])
    assert utterances.ranked("no tengo rut todavía", {"bache": 0.9}) == [("bache", 0.0)]
    assert utterances.ranked("no tengo rut", {"bache": 0.9}) == [("bache", 0.9)]
