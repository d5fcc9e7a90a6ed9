"""Tests which entries are offered as choices."""

from __future__ import annotations

from bot.core.messages import Candidate
from bot.faq.answering.decision import offered


def _candidates(*chances: float) -> tuple[Candidate, ...]:
    return tuple(Candidate(f"entry-{number}", "", chance) for number, chance in enumerate(chances))


def test_entry_a_twentieth_as_likely_as_the_first_is_not_offered() -> None:
    assert offered(_candidates(0.6, 0.2, 0.029), 3) == _candidates(0.6, 0.2)
    assert offered(_candidates(0.6, 0.2, 0.031), 3) == _candidates(0.6, 0.2, 0.031)


def test_first_entry_is_always_offered_and_no_more_than_allowed() -> None:
    assert offered(_candidates(0.004, 0.003), 3) == _candidates(0.004)
    assert offered(_candidates(0.3, 0.2, 0.1, 0.1), 3) == _candidates(0.3, 0.2, 0.1)


def test_of_entries_with_the_same_question_only_the_likeliest_is_offered() -> None:
    fishing, again = Candidate("pesca", "¿Se puede pescar?", 0.4), Candidate("pesca-2", "¿SE PUEDE PESCAR?", 0.3)
    trails, kayaks = Candidate("senderos", "¿Qué senderos hay?", 0.2), Candidate("kayak", "¿Arriendan kayaks?", 0.1)
    assert offered((fishing, again, trails, kayaks), 3) == (fishing, trails, kayaks)
