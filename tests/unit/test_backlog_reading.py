"""Tests which messages of a conversation belong in the backlog, and as what."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from bot.learning.backlog.reading import Handed, Said, Source, Talk, findings_in
from tests.backlog import Line, answer, asked, fallback, offer, pressed

NOON = datetime(2026, 11, 27, 12, tzinfo=UTC)
QUESTION = "donde arriendo un traje"
Found = tuple[str, Source, tuple[str, ...]]


def read(*lines: Line, tickets: tuple[Handed, ...] = (), **opinions: str) -> list[Found]:
    """Returns text, source and entries of the findings; ``opinions`` are reasons by rating id."""
    said = [Said(f"{n}-0", NOON + timedelta(minutes=n), author, *rest) for n, (author, *rest) in enumerate(lines)]  # type: ignore[arg-type]
    talk = Talk(said, tickets, {name: (False, reason) for name, reason in opinions.items()})
    return [(one.text, one.source, one.entries) for one in findings_in(talk)]


def ticket(reason: str, minute: float, *candidates: str) -> Handed:
    return Handed(NOON + timedelta(minutes=minute), reason, "obras", candidates)


def test_answered_question_is_not_in_the_backlog() -> None:
    assert read(asked(QUESTION), answer("bache"), asked("muchas gracias")) == []


def test_what_the_assistant_does_not_know_is() -> None:
    assert read(asked(QUESTION), fallback()) == [(QUESTION, Source.FALLBACK, ())]


@pytest.mark.parametrize("after", [[], [asked("me refiero al traje de huaso")], [pressed("none")]])
def test_choice_that_nobody_clicked_is(after: list[Line]) -> None:
    assert read(asked(QUESTION), offer("bache", "poda"), *after) == [(QUESTION, Source.UNCLICKED, ("bache", "poda"))]


def test_clicked_choice_is_a_label() -> None:
    assert read(asked(QUESTION), offer("bache", "poda"), pressed("poda")) == [(QUESTION, Source.CHOSEN, ("poda",))]


def test_answer_that_did_not_help_tells_its_entry() -> None:
    assert read(asked(QUESTION), answer("bache", "r"), r="missing") == [(QUESTION, Source.RATED, ("bache",))]


def test_wrong_answer_followed_by_a_choice_is_a_label() -> None:
    lines = (asked(QUESTION), answer("bache", "r"), asked("otra cosa del traje"), offer("poda"), pressed("poda"))
    labels = [(QUESTION, Source.CORRECTED, ("poda",)), ("otra cosa del traje", Source.CHOSEN, ("poda",))]
    assert sorted(read(*lines, r="other")) == sorted(labels)
    assert (QUESTION, Source.RATED, ("bache",)) in read(*lines, r="unclear")  # it was the right entry, badly written


def test_same_entry_chosen_again_corrects_nothing() -> None:
    lines = (asked(QUESTION), answer("bache", "r"), asked("otra cosa del traje"), offer("bache"), pressed("bache"))
    assert (QUESTION, Source.RATED, ("bache",)) in read(*lines, r="other")


def test_reply_of_staff_with_an_entry_is_a_label() -> None:
    lines = (asked(QUESTION), asked("hola?"), answer("poda", author="staff"))
    handed = (ticket("low_confidence", 0.5, "bache"),)
    assert read(*lines, tickets=handed) == [(QUESTION, Source.STAFF, ("poda",))]


def test_handoff_since_nothing_is_written_tells_the_likeliest_entries() -> None:
    handed = (ticket("low_confidence", 0.5, "bache", "poda"),)
    assert read(asked(QUESTION), tickets=handed) == [(QUESTION, Source.HANDED, ("bache", "poda"))]
    assert read(asked("quiero una persona"), tickets=(ticket("asked_human", 0.5),)) == []


def test_conversation_with_a_danger_is_left_out() -> None:
    danger = ("assistant", "Llama al 132.", {"danger": {"kind": "medica", "sure": True}})
    assert read(asked(QUESTION), fallback(), asked("me duele el pecho"), danger) == []


def test_words_are_masked_and_single_words_left_out() -> None:
    (found,) = read(asked("llámenme al 9 8765 4321 por el traje"), fallback(), asked("traje"), fallback())
    assert found[0] == "llámenme al +56 9 •••• 4321 por el traje"
