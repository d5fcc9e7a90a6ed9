"""Tests which texts an entry answers: its utterances, each left out of the index, and messages of citizens."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from types import SimpleNamespace

from bot.agency.model import load_agency
from bot.faq.answering.answerer import Answerer
from bot.faq.answering.experience import Experience
from bot.faq.answering.left_out import Test, left_out
from bot.faq.entries.entry import Entry
from bot.faq.entries.phrases import phrases_name
from bot.faq.publishing.reach import Reach, Reached, reach
from bot.faq.publishing.trials import Trials, Written
from tests.conftest import ROOT

HOLE, PERMIT = "bache", "permiso-circulacion"
CRATER = "hay un hoyo gigante frente a mi casa"
TEAMS = load_agency(ROOT / "agency.yml").teams


def entry_of(entries: tuple[Entry, ...], id: str) -> Entry:
    return next(one for one in entries if one.id == id)


def messages(answerer: Answerer, *asked: str) -> list[tuple[Reached, str]]:
    return [(one.reached, one.other) for one in rows(answerer, HOLE, asked) if not one.is_utterance]


def rows(answerer: Answerer, id: str, asked: Sequence[str]) -> tuple[Reach, ...]:
    return reach(answerer, entry_of(answerer.entries, id), asked).reach


def test_message_is_answered_goes_to_another_entry_or_gets_nothing(demo: Answerer) -> None:
    found = messages(demo, CRATER, "quiero pagar el permiso de circulación", "qwxyz asdf ghjk")
    assert found == [(Reached.ANSWERED, ""), (Reached.OTHER, PERMIT), (Reached.NOTHING, "")]


def test_message_is_offered_after_a_likelier_entry(demo: Answerer) -> None:
    decision = demo.answer("licencia", today=demo.agency.today())
    first, second, *_ = [one.entry for one in decision.candidates[: demo.agency.max_choices]]
    assert decision.kind == "clarify"
    assert rows(demo, first, ["licencia"])[-1] == Reach("licencia", False, Reached.OFFERED)
    assert rows(demo, second, ["licencia"])[-1] == Reach("licencia", False, Reached.OFFERED, first)


def test_every_utterance_is_judged_as_if_nobody_had_written_it(demo: Answerer, demo_entries: tuple[Entry, ...]) -> None:
    hole, permit = entry_of(demo_entries, HOLE), entry_of(demo_entries, PERMIT)
    found = {one.text: one for one in rows(demo, HOLE, [])}
    assert list(found) == list(hole.utterances)
    assert sum(one.reached is Reached.ANSWERED for one in found.values()) > len(found) / 2
    astray, alone = permit.question.replace("¿", "¿Y "), "la niebla sobre el muelle"
    copied = replace(hole, variants=(*hole.variants, astray, alone))
    changed = demo.changed(tuple(copied if one.id == HOLE else one for one in demo_entries))
    found = {one.text: one for one in rows(changed, HOLE, [])}
    assert (found[astray].reached, found[astray].other) == (Reached.OTHER, PERMIT)
    assert found[alone].reached is not Reached.ANSWERED
    assert reach(demo, replace(hole, id="ninguna"), []).reach == ()


def test_utterance_that_names_nothing_is_offered_at_most_as_a_message_is(
    demo: Answerer, demo_entries: tuple[Entry, ...]
) -> None:
    bare = ("cuánto se demora el plazo y cuánto cuesta", "cuánto se demora y cuánto cuesta el plazo")
    hole = replace(entry_of(demo_entries, HOLE), variants=bare)
    changed = demo.changed(tuple(hole if one.id == HOLE else one for one in demo_entries))
    found = {one.text: one.reached for one in rows(changed, HOLE, [])}
    left = [one for one in left_out(*changed.ranked, [Test(bare[0], HOLE)]) if one.best == HOLE]
    assert [one.chance >= changed.thresholds.answer for one in left] == [True]
    assert found[bare[0]] is Reached.OFFERED


def test_draft_is_judged_with_its_own_text_and_a_published_one_needs_no_new_index(
    demo: Answerer, demo_entries: tuple[Entry, ...]
) -> None:
    path, asked = entry_of(demo_entries, HOLE).path, "mi cuadra parece queso suizo"
    content, beside = ((ROOT / "data" / "faq" / name).read_bytes() for name in (path, phrases_name(path)))
    trials = Trials(SimpleNamespace(answerer=demo, entries=demo_entries, experience=Experience()), TEAMS, None)
    more = trials.reach(Written(path, content, beside + f"{asked}\n".encode()), [asked])
    assert more is not None and more.reach[-1] == Reach(asked, False, Reached.ANSWERED)
    assert trials.reach(Written(path, b"---", b""), []) is None
    built = trials._last
    same = trials.reach(Written(path, content, beside), [asked])
    assert same is not None and same.reach[-1].reached is not Reached.ANSWERED and trials._last is built
