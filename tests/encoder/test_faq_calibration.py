"""Tests the calibration: few utterances never lower the thresholds, and stricter agencies answer less."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.faq.answering.answerer import Answerer
from bot.faq.entries.entry import Entry
from bot.faq.ranking.calibration import Calibration, Expected, _fitted, _lowest, calibrate, logistic
from bot.faq.ranking.coefficients import Usual, tuned
from bot.faq.ranking.examples import NOBODY, examples_of
from bot.faq.ranking.features import likely
from bot.faq.ranking.index import Index
from bot.faq.ranking.vectorizer import Vectorizer
from tests.faq_files import agency

RISKS = (0.5, 3, 20)
CAUTIOUS = tuned().calibration.cautious
USUAL = tuned().entry.usual
# How much a threshold may vary with the random choice of left-out texts.
CHANCE = 0.01


def calibrated(entries: Sequence[Entry], space: Vectorizer, risk: float = 3.0) -> Calibration:
    return calibrate(Index(entries, space), risk=risk, choices=3)


@pytest.mark.parametrize(
    ("chances", "expected"),
    [([0.9, 0.8, 0.7, 0.6], 0.6), ([0.9, 0.8, 0.1, 0.2], 0.2), ([0.5], CAUTIOUS), ([], CAUTIOUS)],
)
def test_threshold_is_the_lowest_that_keeps_the_expected_mistakes(chances: Sequence[float], expected: float) -> None:
    assert _lowest(np.array(chances), np.ones(len(chances)), wrong=0.4) == expected


@pytest.mark.parametrize(("texts", "expected"), [(5, CAUTIOUS), (15, 0.99), (500, 0.94)])
def test_few_answers_prove_little(texts: int, expected: float) -> None:
    """Checks that a larger FAQ, which has more answers as evidence, may have more expected mistakes."""
    chances = np.repeat([0.99, 0.94], texts)
    assert _lowest(chances, np.ones(len(chances)), wrong=0.05, unseen=0.5) == expected


@given(
    st.lists(st.floats(0.01, 0.99), min_size=1, max_size=30).flatmap(
        lambda chances: st.tuples(
            st.just(chances), st.lists(st.floats(0.1, 5), min_size=len(chances), max_size=len(chances))
        )
    ),
    st.floats(0.01, 0.5),
)
def test_expected_mistakes_above_the_threshold_stay_within_the_risk(
    pairs: tuple[list[float], list[float]], wrong: float
) -> None:
    chances, weights = map(np.array, pairs)
    above = chances >= (least := _lowest(chances, weights, wrong=wrong))
    mistakes = float((weights * (1 - chances))[above].sum())
    assert least == CAUTIOUS or mistakes <= wrong * float(weights[above].sum()) + 1e-9


@pytest.mark.parametrize(("utterances", "expected"), [(1.0, 0.12), (4.0, 0.12), (10.0, 0.3), (71.0, 0.7)])
def test_entries_with_few_utterances_are_offered_sooner(utterances: float, expected: float) -> None:
    chances = np.tile([0.5, 0.2], (20, 1))
    found = Expected(chances, np.ones(20), risk=3, choices=3, utterances=utterances).thresholds()
    assert found.offer == pytest.approx(expected)


def test_higher_accepted_risk_gives_a_lower_threshold(demo: Answerer) -> None:
    """Checks what one calibration expects, on which the risk depends (test_faq_answerer.py)."""
    _, done = demo.ranked
    assert done.expected and done.expected.risk == agency().risk
    least = [replace(done.expected, risk=risk).thresholds().answer for risk in RISKS]
    assert least == sorted(least, reverse=True) and least[0] > least[-1]


def test_fewer_utterances_do_not_lower_the_required_probability(
    demo: Answerer, demo_entries: tuple[Entry, ...], space: Vectorizer
) -> None:
    """Checks that the expected mistakes stay within the risk, however few utterances there are."""
    least = []
    for count in (2, 5, 20):
        fewer = [replace(entry, variants=entry.variants[:count]) for entry in demo_entries]
        least.append(calibrated(fewer, space, agency().risk).thresholds.answer)
    least.append(demo.thresholds.answer)
    assert all(fewer > more - CHANCE for fewer, more in pairwise(least))
    assert least[0] > least[-1]


@pytest.mark.parametrize("count", [1, 2, 3])
def test_few_entries_use_the_default_coefficients(few: tuple[Entry, ...], space: Vectorizer, count: int) -> None:
    done = calibrated(few[:count], space)
    assert tuned().calibration.minimum_answer <= done.thresholds.answer < 1 and 0 < done.thresholds.offer < 1
    moved = (done.coefficients - USUAL.coefficients) * USUAL.spread
    assert np.abs(moved).max() < 1


def test_no_entries_answer_nothing(space: Vectorizer) -> None:
    done = calibrated((), space)
    assert (done.thresholds.answer, done.examples) == (1.0, 0)


def test_calibration_works_without_a_background(few: tuple[Entry, ...], without_background: Vectorizer) -> None:
    done = calibrated(few, without_background)
    assert 0 < done.thresholds.answer < 1 and np.isfinite(done.coefficients).all()
    assert done.expected and done.expected.utterances == np.inf  # else everything is offered


def test_unknown_question_is_not_answered_without_a_background(
    demo_entries: tuple[Entry, ...], without_background: Vectorizer
) -> None:
    """Leaves out each of the agency's own topics in turn, as the only examples of questions without an entry."""
    fewer = [replace(entry, variants=entry.variants[:3]) for entry in demo_entries[::4]]
    index = Index(fewer, without_background)
    done = calibrate(index, risk=3, choices=3)
    shown = examples_of(index)
    best = done.probabilities(shown.features).max(axis=1)
    answered = best[shown.right == NOBODY] >= done.thresholds.answer
    assert len(answered) and answered.mean() < 0.1


@pytest.mark.parametrize("times", [0, 1, 3])
def test_fitting_never_increases_the_loss(few: tuple[Entry, ...], space: Vectorizer, times: int) -> None:
    """Checks this from several starting points, because a full step of Newton's method may overshoot."""
    shown = examples_of(Index(few, space))
    begun = Usual(USUAL.coefficients * times, USUAL.spread)
    least, found = (
        float(shown.weight @ np.log(np.where(shown.hits, chances, 1 - chances)).sum(axis=1))
        for chances in (
            logistic(begun.coefficients, shown.features),
            logistic(_fitted(shown, begun, 1.0), shown.features),
        )
    )
    assert found > least


def test_counterexamples_count_by_entry_as_far_as_it_has_utterances(few: tuple[Entry, ...], space: Vectorizer) -> None:
    denied = tuple(f"quiero reclamar otra cosa número {number}" for number in range(30))
    said = tuple(f"hay un hoyo en la calle {number}" for number in range(30))

    def share(counterexamples: int, variants: int) -> float:
        first = replace(few[0], counterexamples=denied[:counterexamples], variants=said[:variants])
        return Index((first, *few[1:]), space).denied_share

    assert [share(0, 30), share(6, 30), share(12, 30), share(30, 30)] == [0, 0.125, 0.25, 0.25]
    assert share(30, 5) == share(6, 30)


def test_message_like_a_counterexample_is_less_likely_answered(few: tuple[Entry, ...], space: Vectorizer) -> None:
    message = space.message("me caí en un hoyo de la calle y quiero una indemnización por el médico")
    denied = ("quiero que me paguen el daño que me hizo un hoyo", "me caí en un hoyo y quiero una indemnización")
    chances = []
    for entries in (few, (replace(few[0], counterexamples=denied), *few[1:])):
        index = Index(entries, space)
        order, features = likely(index.evidence(message), index)
        found = calibrate(index, risk=3, choices=3).probabilities(features)[0]
        chances.append(dict(zip(order[0].tolist(), found.tolist(), strict=True))[0])
    assert chances[1] < chances[0]
