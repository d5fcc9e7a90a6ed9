"""Tests that the answerer learns: thresholds follow experience, and a simulation shows the result."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from functools import partial
from pathlib import Path

import pytest

from bot.core.settings import Settings
from bot.evaluation.asking import Setup
from bot.evaluation.learning import Habits, Simulation, table
from bot.evaluation.queries import Query
from bot.faq.answering.answerer import Answerer
from bot.faq.answering.experience import Experience, store_experience
from bot.faq.entries.entry import Entry
from bot.faq.publishing import watch
from bot.faq.publishing.load import live_faq
from bot.faq.ranking.vectorizer import Vectorizer
from tests.encoder.tuning_world import small_world
from tests.eventually import eventually
from tests.faq_files import agency

CAREFUL, BOLD = Experience(50, 5, 40), Experience(200, 60, 5)
SETUP = Setup(date(2026, 11, 24), 3)
ALL, NOBODY = Habits(1, 1, 1), Habits(0, 0, 0)


def asked(ids: Sequence[str]) -> list[Query]:
    texts = {"bache": "un hueco enorme en la pista", "basura": "a que hora pasan por los desechos"}
    inside = [Query((f"{texts[id]} {number}",), id) for id in ids for number in range(6)]
    return [*inside, *(Query((f"quiero arrendar un bote {number}",), None, "near") for number in range(6))]


def simulation(few: tuple[Entry, ...], space: Vectorizer) -> Simulation:
    return Simulation(partial(Answerer, vectorizer=space, agency=agency()), few, SETUP)


def test_thresholds_follow_the_experience_and_nothing_else_changes(
    demo_entries: tuple[Entry, ...], space: Vectorizer
) -> None:
    answerer = Answerer(demo_entries, space, replace(agency(), risk=1.0))  # far from the least threshold
    before, candidates = answerer.thresholds, answerer.candidates("un hoyo en mi calle")
    answerer.learn(CAREFUL)
    careful = answerer.thresholds
    answerer.learn(BOLD)
    assert answerer.thresholds.answer < before.answer < careful.answer
    answerer.learn(Experience())
    assert answerer.thresholds == before
    assert answerer.candidates("un hoyo en mi calle") == candidates


def test_faq_without_entries_learns_nothing(space: Vectorizer) -> None:
    answerer = Answerer((), space, agency())
    answerer.learn(BOLD)
    assert answerer.thresholds.answer == 1


async def test_running_faq_follows_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watch, "LOOK_EVERY_MS", 200)
    settings: Settings = small_world(tmp_path)
    store_experience(CAREFUL, settings.answers_home)
    faq = live_faq(settings, agency())
    await faq.start()
    try:
        careful = faq.answerer.thresholds
        store_experience(Experience(), settings.answers_home)
        await eventually(lambda: faq.answerer.thresholds.answer < careful.answer)
    finally:
        await faq.stop()


def test_chosen_words_become_utterances_and_choices_experience(few: tuple[Entry, ...], space: Vectorizer) -> None:
    learning = simulation(few, space)
    parts = list(learning.parts(asked(("bache", "basura")), size=6, habits=ALL))
    assert [len(part.outcomes) for part in parts] == [6, 6, 6]
    assert parts[0].utterances == 0 and parts[0].mistake_ratio == 1
    offered = [one for part in parts for one in part.outcomes if one.kind == "clarify" and one.offers_right]
    assert parts[-1].utterances <= len({one.query.text for one in offered})
    assert parts[-1].utterances > 0
    assert len(list(table(parts).rows)) == len(parts)


def test_nothing_is_learnt_from_citizens_who_do_not_react(few: tuple[Entry, ...], space: Vectorizer) -> None:
    learning = simulation(few, space)
    assert {part.utterances for part in learning.parts(asked(("bache", "basura")), size=6, habits=NOBODY)} == {0}
