"""Tests that a repeated utterance belongs to its entry, and a repeated counterexample does not."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from bot.faq.answering.exact_utterances import ExactUtterances
from bot.faq.entries.folder import load_folder
from bot.faq.ranking.coefficients import tuned
from tests.faq_files import QUESTIONS, agency, write_folder

TODAY = date(2026, 11, 24)


@pytest.fixture
def utterances(tmp_path: Path) -> ExactUtterances:
    (entry,) = load_folder(write_folder(tmp_path / "faq", ["bache"]), agency().teams).entries
    return ExactUtterances([replace(entry, counterexamples=("¿Quién hizo el bache?",))], lambda: TODAY)


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
    utterances = ExactUtterances([replace(entry, question="¿Cómo renuevo mi cédula?")], lambda: TODAY)
    assert utterances.ranked("no tengo rut todavía", {"bache": 0.9}) == [("bache", 0.0)]
    assert utterances.ranked("no tengo rut", {"bache": 0.9}) == [("bache", 0.9)]


@pytest.mark.parametrize(
    ("last_days", "owner"),
    [
        ((None, None), ""),
        ((None, date(2026, 11, 23)), "nueva"),
        ((date(2026, 11, 23), TODAY), "vieja"),
        ((date(2026, 11, 22), date(2026, 11, 23)), ""),
    ],
)
def test_utterance_of_two_entries_belongs_to_the_one_that_has_not_expired(
    tmp_path: Path, last_days: tuple[date | None, date | None], owner: str
) -> None:
    (entry,) = load_folder(write_folder(tmp_path / "faq", ["bache"]), agency().teams).entries
    shared = [replace(entry, id=id, expires=day) for id, day in zip(("nueva", "vieja"), last_days, strict=True)]
    utterances, said = ExactUtterances(shared, lambda: TODAY), QUESTIONS["bache"][0]
    chances = {"nueva": 0.5, "vieja": 0.4}
    raised = chances | ({owner: tuned().answerer.exact} if owner else {})
    assert (dict(utterances.ranked(said, chances)), said in utterances) == (raised, bool(owner))


def test_files_of_one_id_are_one_entry(tmp_path: Path) -> None:
    (entry,) = load_folder(write_folder(tmp_path / "faq", ["bache"]), agency().teams).entries
    assert QUESTIONS["bache"][0] in ExactUtterances(
        [entry, replace(entry, audience={"segmento": ("empresa",)})], lambda: TODAY
    )
