"""Tests the effect of a changed entry on the answers, as an editor sees the effect before approval."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from bot.agency.model import load_agency
from bot.core.messages import Candidate
from bot.faq.answering.answerer import Answerer
from bot.faq.answering.decision import Decision
from bot.faq.answering.experience import Experience
from bot.faq.answering.judging import Messages
from bot.faq.answering.left_out import Test, messages_of
from bot.faq.entries.entry import Entry
from bot.faq.entries.phrases import phrases_name
from bot.faq.publishing.agency_tests import MessageFiles
from bot.faq.publishing.check import explain
from bot.faq.publishing.effect import Change, Effect, Origin, agency_tests, effect
from bot.faq.publishing.trials import Trials, Written
from bot.faq.ranking.indexing import index_of
from bot.faq.ranking.vectorizer import Vectorizer
from tests import evening
from tests.conftest import ROOT
from tests.encoder.conftest import TODAY

HOLE = "bache"
CRATER = "hay un hoyo gigante frente a mi casa"
TEAMS = load_agency(ROOT / "agency.yml").teams


def changed(demo: Answerer, entries: tuple[Entry, ...], fresh: Entry) -> Answerer:
    return demo.changed(tuple(fresh if one.id == fresh.id else one for one in entries))


def entry_of(entries: tuple[Entry, ...], id: str = HOLE) -> Entry:
    return next(one for one in entries if one.id == id)


def rows(found: Effect) -> set[tuple[str, Change, str, str]]:
    return {(one.text, one.change, one.before, one.after) for one in found.rows}


def test_unchanged_text_changes_no_answer(demo: Answerer, demo_entries: tuple[Entry, ...]) -> None:
    asked = ["hay un hoyo gigante frente a mi casa", "quiero casarme"]
    found = effect(demo, changed(demo, demo_entries, entry_of(demo_entries)), [HOLE], tests=[], asked=asked)
    assert found.rows == ()
    assert found.judged[Origin.ASKED] == len(asked) and found.judged[Origin.UTTERANCE] > 100


def test_new_phone_number_changes_no_answer(demo: Answerer, demo_entries: tuple[Entry, ...]) -> None:
    old = entry_of(demo_entries)
    after = changed(demo, demo_entries, replace(old, body=f"{old.body}\n\nLlama al 2 2345 6789."))
    found = effect(demo, after, [HOLE], tests=[], asked=[])
    assert found.rows == ()


def test_new_utterance_wins_a_message_and_removed_ones_lose_theirs(
    demo: Answerer, demo_entries: tuple[Entry, ...], tmp_path: Path
) -> None:
    old, asked = entry_of(demo_entries), "mi cuadra parece queso suizo"
    more = changed(demo, demo_entries, replace(old, variants=(*old.variants, asked)))
    assert (asked, Change.WON, "", HOLE) in rows(effect(demo, more, [HOLE], tests=[], asked=[asked]))
    few = changed(demo, demo_entries, replace(old, question="¿Cómo me caso?", variants=(), body="Pide hora."))
    (tmp_path / "a.jsonl").write_text(
        json.dumps({"text": old.question, "faq": HOLE}) + "\n" + json.dumps({"text": "x", "faq": "otra"}) + "\nno\n"
    )
    tests = agency_tests(tmp_path, [HOLE])
    assert [one.text for one in tests] == [old.question]
    found = effect(demo, few, [HOLE], tests=tests, asked=[])
    lost = [one for one in found.rows if one.change is Change.LOST and one.entry == HOLE]
    assert len(lost) > 10 and found.rows[0].change is Change.LOST
    assert any(one.source is Origin.TEST for one in lost)


def test_utterance_of_another_entry_is_lost_to_a_copy(demo: Answerer, demo_entries: tuple[Entry, ...]) -> None:
    old, other = entry_of(demo_entries), entry_of(demo_entries, "permiso-circulacion")
    copied = replace(old, question=other.question, variants=other.variants, body=other.body)
    found = effect(demo, changed(demo, demo_entries, copied), [HOLE], tests=[], asked=[])
    assert any(one.entry == other.id and one.change is Change.LOST for one in found.rows)


def test_message_that_no_entry_shall_answer_is_lost_when_one_does(
    demo: Answerer, demo_entries: tuple[Entry, ...], tmp_path: Path
) -> None:
    movie = "a que hora dan la pelicula de monstruos"
    (tmp_path / "a.jsonl").write_text(json.dumps({"text": movie, "faq": None}) + "\n")
    tests = agency_tests(tmp_path, [])
    assert [(one.text, one.entry) for one in tests] == [(movie, "")]
    old = entry_of(demo_entries)
    after = changed(demo, demo_entries, replace(old, variants=(*old.variants, movie)))
    assert (movie, Change.LOST, "", HOLE) in rows(effect(demo, after, [HOLE], tests=tests, asked=[]))
    back = effect(after, demo, [HOLE], tests=tests, asked=[])
    assert (movie, Change.WON, HOLE, "") in rows(back)


def test_benchmark_message_is_lost_by_the_change_that_loses_it(
    demo: Answerer, demo_entries: tuple[Entry, ...], tmp_path: Path
) -> None:
    path = entry_of(demo_entries).path
    content, beside = (ROOT / "data" / "faq" / path).read_bytes(), f"no responde: {CRATER}\n".encode()
    known: list[dict[str, object]] = [{"text": CRATER, "faq": HOLE}, {"text": "x", "faq": "otra"}]
    known += [{"turns": ["a", "b"], "faq": HOLE}, {"text": "hay un crater en la luna", "faq": None}]
    (tmp_path / "known.jsonl").write_text("\n".join(map(json.dumps, known)))
    tests = tmp_path / "pruebas"
    live = SimpleNamespace(answerer=demo, entries=demo_entries, experience=Experience())
    trials = Trials(live, TEAMS, MessageFiles(tests, tmp_path / "known.jsonl"))
    written = Written(path, content, phrases_of(path) + beside)
    found = trials.effect([written], [])
    assert found is not None and (CRATER, Change.LOST, HOLE, "") in rows(found)
    assert {one.source for one in found.rows if one.text == CRATER} == {Origin.BENCHMARK}
    assert (found.judged[Origin.BENCHMARK], found.judged[Origin.TEST]) == (1, 0)
    tests.mkdir()
    (tests / "a.jsonl").write_text(json.dumps(known[0]))  # the agency's own message is judged once, as its own
    found = trials.effect([written], [])
    assert found is not None and (found.judged[Origin.BENCHMARK], found.judged[Origin.TEST]) == (0, 1)


def test_several_entries_are_measured_together(demo: Answerer, demo_entries: tuple[Entry, ...]) -> None:
    asked = {HOLE: "mi cuadra parece queso suizo", "luminaria": "el cocuyo del pasaje ya no parpadea"}
    fresh = [replace(one, variants=(*one.variants, asked[one.id])) for one in demo_entries if one.id in asked]
    after = demo.changed(tuple(next((new for new in fresh if new.id == one.id), one) for one in demo_entries))
    found = effect(demo, after, list(asked), tests=[], asked=list(asked.values()))
    won = {(one.text, one.after) for one in found.rows if one.change is Change.WON}
    assert {(text, id) for id, text in asked.items()} <= won
    assert found.judged[Origin.UTTERANCE] > 200


def test_tests_of_an_entry_are_its_utterances_and_the_nearest_others(few: tuple[Entry, ...], space: Vectorizer) -> None:
    index = index_of(few, space)
    found = messages_of(index, [HOLE])
    own = [one.text for one in found if one.entry == HOLE]
    assert own == list(entry_of(few).utterances) and len(found) == sum(len(one.utterances) for one in few)
    assert messages_of(index, ["ninguna"]) == []


def test_messages_are_read_once_for_two_answerers(demo: Answerer, space: Vectorizer) -> None:
    read = Messages.of(["hay un hoyo"], space, cached=False)
    assert demo.answers(read, today=TODAY) == [demo.answer("hay un hoyo", today=TODAY)]


def test_answers_to_a_batch_equal_those_to_single_messages(demo: Answerer) -> None:
    texts = ["hay un hoyo gigante", "", "quiero casarme", "asdf", "me robaron el carnet y cuánto sale el permiso"]
    together, alone = demo.answers(demo.read(texts), today=TODAY), [demo.answer(text, today=TODAY) for text in texts]
    for one, other in zip(together, alone, strict=True):
        assert replace(one, candidates=()) == replace(other, candidates=())
        assert [found.entry for found in one.candidates] == [found.entry for found in other.candidates]
        chances = [[found.confidence for found in decision.candidates] for decision in (one, other)]
        assert chances[0] == pytest.approx(chances[1], abs=2e-4)  # rounded sums, in another order
    assert demo.answers(demo.read([]), today=TODAY) == []


def test_trial_of_a_draft_honours_its_counterexamples(demo: Answerer, demo_entries: tuple[Entry, ...]) -> None:
    asked, path = "hay un hoyo gigante frente a mi casa", entry_of(demo_entries).path
    content, beside = (ROOT / "data" / "faq" / path).read_bytes(), f"no responde: {asked}\n".encode()
    trials = Trials(SimpleNamespace(answerer=demo, entries=demo_entries, experience=Experience()), TEAMS, None)
    found = trials.effect([Written(path, content, phrases_of(path) + beside)], [asked])
    assert found is not None and (asked, Change.REFUSED, HOLE, "") in rows(found)
    before, after = trials.compared(asked, Written(path, content, phrases_of(path) + beside))
    assert after is not None and before != after


def phrases_of(path: str) -> bytes:
    return (ROOT / "data" / "faq" / phrases_name(path)).read_bytes()


@pytest.mark.parametrize(("last", "answers"), [(evening.TODAY, HOLE), (evening.TODAY - timedelta(days=1), "")])
def test_effect_and_trial_take_the_day_of_the_agency(
    demo: Answerer, demo_entries: tuple[Entry, ...], monkeypatch: pytest.MonkeyPatch, last: date, answers: str
) -> None:
    evening.set_clock(monkeypatch)
    old = entry_of(demo_entries)
    ends = changed(demo, demo_entries, replace(old, expires=last))
    live = SimpleNamespace(answerer=ends, entries=ends.entries, experience=Experience())
    assert Trials(live, TEAMS, None).answered([Test(old.question, HOLE)]) == [answers]
    found = effect(demo, ends, [HOLE], tests=[Test(old.question, HOLE)], asked=[])
    lost = [one for one in found.rows if one.source is Origin.TEST and one.change is Change.LOST]
    assert bool(lost) == (not answers)
    assert any("venció" in one or "persona" in one for one in explain(ends, old.question)) == (not answers)


class Offering:
    """The demo's Answerer, which offers the entries ``ids`` for every message."""

    def __init__(self, demo: Answerer, *ids: str) -> None:
        self._demo, self._ids = demo, ids

    def __getattr__(self, name: str) -> Any:
        return getattr(self._demo, name)

    def answers(self, messages: Messages, *, today: date) -> list[Decision]:
        return [Decision("clarify", tuple(Candidate(id, id, 0.3) for id in self._ids)) for _ in messages.texts]


def test_change_of_a_mere_offer_is_shown(demo: Answerer) -> None:
    asked, few, more = "se me rompió el aro", cast("Answerer", Offering(demo, "poda")), ("poda", HOLE)
    many = cast("Answerer", Offering(demo, *more))
    assert rows(effect(few, many, [HOLE], tests=[], asked=[asked])) == {(asked, Change.OFFERED, "", HOLE)}
    assert rows(effect(many, few, [HOLE], tests=[], asked=[asked])) == {(asked, Change.UNOFFERED, HOLE, "")}
    assert rows(effect(many, many, [HOLE], tests=[], asked=[asked])) == set()
    beyond = cast("Answerer", Offering(demo, "poda", "luminaria", "perros-denuncia", HOLE))  # is not shown
    assert rows(effect(few, beyond, [HOLE], tests=[], asked=[asked])) == set()
