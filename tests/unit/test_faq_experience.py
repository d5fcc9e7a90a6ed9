"""Tests how many mistakes are expected, given what citizens chose and rated."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import pytest

from bot.faq.answering.experience import (
    COMPLAINTS,
    FILE,
    LEAST_CONFIDENCE,
    SMALLEST,
    Experience,
    Verdict,
    read_experience,
    store_experience,
)


def test_without_experience_the_probabilities_are_believed() -> None:
    assert Experience.of(()).mistake_ratio == 1


def test_one_complaint_makes_the_answerer_more_careful_at_once() -> None:
    assert Experience.of([Verdict.of_answer(0.9, complaint=True)]).mistake_ratio > 1.5


def test_few_good_choices_change_nothing_much_and_many_make_it_bolder() -> None:
    good = Verdict.of_choice(0.6, right=True)
    ratios = [Experience.of([good] * count).mistake_ratio for count in (1, 5, 15, 160)]
    assert ratios[0] == 1
    assert all(one > other for one, other in pairwise(ratios[1:]))
    assert ratios[-1] == SMALLEST


def test_as_many_mistakes_as_expected_change_little() -> None:
    verdicts = [Verdict.of_choice(0.75, right=number % 4 > 0) for number in range(400)]
    assert Experience.of(verdicts).mistake_ratio == pytest.approx(1, abs=0.15)


def test_unlikely_entries_do_not_count_as_experience() -> None:
    assert Experience.of([Verdict.of_choice(LEAST_CONFIDENCE - 0.01, right=False)] * 50) == Experience()


def test_complaint_counts_for_citizens_who_gave_no_opinion() -> None:
    answers = [Verdict.of_answer(0.9, complaint=number == 0) for number in range(10)]
    experience = Experience.of(answers)
    assert (experience.messages, experience.mistakes) == (10, 1 / COMPLAINTS)
    assert experience.expected == pytest.approx(1)


def test_stored_experience_is_read_again(tmp_path: Path) -> None:
    experience = Experience(12, 3.25, 2.0)
    store_experience(experience, tmp_path)
    store_experience(experience, tmp_path)
    assert read_experience(tmp_path) == experience
    assert [path.name for path in tmp_path.iterdir()] == [FILE]


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"messages": "x", "expected": 1, "mistakes": 1}'])
def test_broken_file_is_no_experience(tmp_path: Path, content: str) -> None:
    (tmp_path / FILE).write_text(content)
    assert read_experience(tmp_path) == Experience()
