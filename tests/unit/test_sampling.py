"""Tests the sample of answers: how it is drawn, and that its weighted estimate and interval are right."""

from __future__ import annotations

from collections import Counter
from random import Random

import pytest

from bot.figures.sampling.estimate import Judgement, estimate
from bot.figures.sampling.strata import LEAST, SIZE, Given, allocation, draw, strata_of

# 1,000 answers of a week: 800 sure ones, 190 unsure ones, 10 of entries that answer rarely.
WEEK = [
    *(Given(number, "bache", 0.97) for number in range(800)),
    *(Given(number, "poda", 0.8) for number in range(800, 990)),
    *(Given(number, f"rara-{number}", 0.95) for number in range(990, 1000)),
]


def test_strata_are_by_probability_and_use() -> None:
    assert {name: len(group) for name, group in strata_of(WEEK).items()} == {
        "sure-usual": 800,
        "unsure-usual": 190,
        "sure-rare": 10,
    }


def test_sample_has_its_size_all_strata_and_the_chance_of_each_answer() -> None:
    drawn = draw(WEEK, Random(1))
    counts = Counter(one.stratum for one in drawn)
    assert (len(drawn), len({one.given for one in drawn})) == (SIZE, SIZE)
    assert min(counts.values()) >= LEAST
    sizes = {name: len(group) for name, group in strata_of(WEEK).items()}
    assert {one.stratum: one.chance for one in drawn} == {name: counts[name] / sizes[name] for name in sizes}
    assert drawn[0].given.message > min(one.given.message for one in drawn)  # in no order that tells the stratum


def test_answers_that_are_likelier_wrong_are_drawn_more_often() -> None:
    counts = allocation({"sure-usual": 100, "unsure-usual": 100}, 20)
    assert counts == {"sure-usual": 5, "unsure-usual": 15}


@pytest.mark.parametrize("count", [0, 1, 3, 29, 31])
def test_small_weeks_are_drawn_whole(count: int) -> None:
    drawn = draw(WEEK[:count], Random(1))
    assert len(drawn) == min(count, SIZE)
    assert all(one.chance == 1 for one in drawn) is (count <= SIZE)


def test_each_answer_is_drawn_as_often_as_its_chance() -> None:
    drawn = Counter(one.given.message for seed in range(400) for one in draw(WEEK[780:], Random(seed)))
    chance = next(one.chance for one in draw(WEEK[780:], Random(0)) if one.stratum == "unsure-usual")
    rate = sum(drawn[number] for number in range(800, 990)) / 190 / 400
    assert rate == pytest.approx(chance, rel=0.001)
    assert max(drawn[number] for number in range(800, 990)) < 400 * chance * 1.8


def test_weights_undo_the_unequal_chances() -> None:
    found = estimate([Judgement(0.5, is_bad=True), Judgement(0.5, is_bad=False), Judgement(0.1, is_bad=False)])
    assert found.share == pytest.approx(2 / 14)
    assert 0 < found.low < found.share < found.high < 1


def test_interval_without_judgements_is_zero_to_one() -> None:
    assert (estimate([]).low, estimate([]).high) == (0, 1)


def test_interval_of_four_weeks_contains_the_truth_in_95_of_100_towns() -> None:
    """Draws four weeks of a town 200 times; 2 % of the sure and 12 % of the unsure answers are wrong."""
    dice, hits, shares = Random(5), 0, []
    wrong = {one.message: dice.random() < (0.12 if one.probability < 0.9 else 0.02) for one in WEEK}
    truth = sum(wrong.values()) / len(WEEK)
    for _ in range(200):
        judged = [Judgement(one.chance, wrong[one.given.message]) for _ in range(4) for one in draw(WEEK, dice)]
        found = estimate(judged)
        shares.append(found.share)
        hits += found.low <= truth <= found.high
    assert sum(shares) / len(shares) == pytest.approx(truth, abs=0.003)
    assert hits / 200 >= 0.94
