"""Tests that the metrics of an evaluation equal those computed by hand."""

from __future__ import annotations

import json

import numpy as np
import pytest
from evaluation_fakes import THRESHOLDS, outcome
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.evaluation.asking import Outcome
from bot.evaluation.intervals import intervals
from bot.evaluation.metrics import Rate, aurc, auroc, calibration_error, rates
from bot.evaluation.report import Report, to_dict, wrong_lines
from bot.faq.answering.decision import Kind
from tests.faq_files import ROOT

SCENE = [
    outcome("a", "answer", 0.95, "a", "b", milliseconds=10.0),
    outcome("b", "answer", 0.85, "b", "a", milliseconds=20.0),
    outcome("c", "answer", 0.75, "b", "a", "c", milliseconds=30.0),
    outcome("a", "clarify", 0.45, "b", "a", "c", milliseconds=40.0),
    outcome("b", "clarify", 0.35, "a", "c", "b", milliseconds=50.0),
    outcome("c", "handoff", 0.25, "c", milliseconds=60.0),
    outcome("a", "handoff", 0.0, milliseconds=70.0),
    outcome(None, "answer", 0.8, "a", group="near", milliseconds=80.0),
    outcome(None, "refer", 0.3, "b", group="near", milliseconds=90.0),
    outcome(None, "scope", 0.05, "c", group="far", milliseconds=100.0),
]
TWO = [
    outcome("a", "answer", 0.9, "a", "b", also="b", answers=("a", "b")),
    outcome("a", "answer", 0.9, "a", also="b"),
    outcome("a", "answer", 0.9, "a", "c", answers=("a", "c")),
]


def numbers(outcomes: list[Outcome]) -> dict[str, object]:
    return to_dict(Report.from_outcomes(outcomes, THRESHOLDS), worst=10)


def test_every_metric_of_an_example_equals_the_one_by_hand() -> None:
    found = numbers(SCENE)
    expected = {
        "n": 10,
        "n_in": 7,
        "top1": 3 / 7,
        "top3": 6 / 7,
        "answered": 4 / 10,
        "precision": 2 / 4,
        "coverage": 3 / 7,
        "right": 2 / 7,
        "right_or_offered": 3 / 7,
        "clarify_hit": 1 / 2,
        "clarified": 2 / 10,
        "handed_off": 2 / 10,
        "referred": 1 / 10,
        "scoped": 1 / 10,
        "p50_ms": 55.0,
        "p95_ms": 95.5,
    }
    assert {name: found[name] for name in expected} == pytest.approx(expected)
    assert found["oos_answered"] == {"far": 0.0, "near": 0.5}
    assert found["auroc"] == pytest.approx({"far": 6 / 7, "near": 7 / 14, "all": 13 / 21})
    assert found["both"] is None
    assert found["thresholds"] == {"answer": 0.7, "offer": 0.3}


def test_first_keys_are_those_that_programs_read() -> None:
    first = "n top1 top3 answered precision coverage clarify_hit oos_answered auroc aurc ece p50_ms p95_ms".split()
    assert list(numbers(SCENE))[:13] == first


def test_every_key_is_defined_in_the_docs() -> None:
    docs = (ROOT / "docs" / "evaluation.md").read_text(encoding="utf-8")
    assert [key for key in numbers(SCENE) if f"`{key}`" not in docs] == []


def test_answer_is_right_when_it_covers_exactly_the_question() -> None:
    found = numbers(TWO)
    assert (found["precision"], found["both"]) == (pytest.approx(2 / 3), 1 / 2)


def test_wrong_answers_are_listed_most_confident_first() -> None:
    report = Report.from_outcomes(SCENE, THRESHOLDS)
    confusions = to_dict(report, worst=10)["confusions"]
    assert [(one["answered"], one["wanted"], one["kind"]) for one in confusions] == [
        (["a"], [], "near"),
        (["b"], ["c"], "in"),
    ]
    assert len(to_dict(report, worst=1)["confusions"]) == 1
    assert wrong_lines(report, 1)[1] == "   80 %  respondió a; debía: ninguna (near): None 0.8"
    assert wrong_lines(report, 0) == []


def test_lone_surrogate_can_be_printed() -> None:
    cut = Outcome(SCENE[7].query.__class__(("\ud83d hola",), None, "near"), "answer", ("a",), 0.8, ("a",))
    report = Report.from_outcomes([cut], THRESHOLDS)
    assert json.dumps(to_dict(report, worst=1), ensure_ascii=False).encode()
    assert wrong_lines(report, 1)[1].endswith("? hola")


@pytest.mark.parametrize("kept", [SCENE[:7], SCENE[7:], SCENE[5:7], []])
def test_undefined_metric_is_null(kept: list[Outcome]) -> None:
    def no_constant(name: str) -> None:
        raise AssertionError(name)

    text = json.dumps(numbers(kept))
    assert json.loads(text, parse_constant=no_constant)["auroc"]["all"] is None


def test_area_under_the_risk_coverage_curve_equals_the_one_by_hand() -> None:
    assert aurc(np.array([0.9, 0.8, 0.7]), np.array([True, False, True])) == pytest.approx((0 + 1 / 2 + 1 / 3) / 3)
    assert aurc(np.array([0.5, 0.5]), np.array([True, False])) == pytest.approx((1 / 2 + 1 / 2) / 2)


def test_calibration_error_equals_the_one_by_hand() -> None:
    chances, right = np.array([0.91, 0.99, 0.05, 1.0]), np.array([True, False, False, True])
    assert calibration_error(chances, right) == pytest.approx((abs(2.9 - 2) + 0.05) / 4)
    assert calibration_error(np.array([1.0, 0.0]), np.array([True, False])) == 0


CHANCES = st.lists(st.floats(0, 1), min_size=1, max_size=40)


@given(CHANCES, CHANCES)
def test_auroc_is_one_for_a_perfect_ranking_and_mirrors(inside: list[float], outside: list[float]) -> None:
    lower, higher = np.array(outside) / 4, 0.5 + np.array(inside) / 4
    assert auroc(higher, lower) == pytest.approx(1)
    assert auroc(lower, higher) == pytest.approx(0)
    both = auroc(np.array(inside), np.array(outside)), auroc(np.array(outside), np.array(inside))
    assert sum(filter(None, both)) == pytest.approx(1)


@given(st.lists(st.tuples(st.floats(0, 1), st.booleans()), min_size=1, max_size=40), st.randoms())
def test_order_of_messages_does_not_matter(pairs: list[tuple[float, bool]], random: object) -> None:
    shuffled = sorted(pairs, key=lambda _: random.random())  # type: ignore[attr-defined]
    first, second = (
        (aurc(chances, right), calibration_error(chances, right))
        for chances, right in (
            (np.array([chance for chance, _ in order]), np.array([right for _, right in order]))
            for order in (pairs, shuffled)
        )
    )
    assert first == pytest.approx(second)
    assert 0 <= first[0] <= 1 and 0 <= first[1] <= 1  # type: ignore[operator]


FLAGS = st.lists(st.tuples(st.booleans(), st.booleans()), max_size=30)


@settings(max_examples=15, deadline=None)
@given(FLAGS)
def test_interval_has_its_coverage_and_is_reproducible(flags: list[tuple[bool, bool]]) -> None:
    rate = Rate(np.array([one for one, _ in flags], dtype=bool), np.array([two for _, two in flags], dtype=bool))
    found = intervals({"x": rate})["x"]
    assert found == intervals({"x": rate})["x"]
    assert (found is None) == (rate.value is None)
    if found is not None and rate.value is not None:
        assert 0 <= found[0] <= rate.value <= found[1] <= 1


def test_interval_is_about_as_wide_as_theory_predicts() -> None:
    half = Rate(np.arange(400) % 2 == 0, np.ones(400, dtype=bool))
    low, high = intervals({"half": half})["half"] or (0, 0)
    assert (low, high) == pytest.approx((0.451, 0.549), abs=0.01)
    assert intervals({}) == {}


@given(st.lists(st.sampled_from(["answer", "clarify", "refer", "scope", "handoff"]), min_size=1, max_size=20))
def test_every_message_is_in_exactly_one_share(kinds: list[Kind]) -> None:
    shares = rates([outcome("a", kind, 0.5, "a") for kind in kinds])
    together = [shares[name].value for name in ("answered", "clarified", "referred", "scoped", "handed_off")]
    assert sum(filter(None, together)) == pytest.approx(1)
