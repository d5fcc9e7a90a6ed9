"""Tests which messages of a conversation belong in the backlog, and with which source."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from bot.learning.backlog.reading import Finding, Handed, Said, Source, Talk, findings_in
from tests.backlog import Line, answer, asked, fallback, offer, pressed

NOON = datetime(2026, 11, 27, 12, tzinfo=UTC)
QUESTION = "donde arriendo un traje"
Found = tuple[str, Source, tuple[str, ...]]


def read(*lines: Line, tickets: tuple[Handed, ...] = (), **opinions: str) -> list[Found]:
    """Returns text, source and entries of the findings; ``opinions`` are reasons by rating id."""
    return [(one.text, one.source, one.entries) for one in found(*lines, tickets=tickets, **opinions)]


def denied(*lines: Line, tickets: tuple[Handed, ...] = (), **opinions: str) -> dict[str, tuple[str, ...]]:
    """Returns the denied entries of each text."""
    return {one.text: one.denied for one in found(*lines, tickets=tickets, **opinions)}


def found(*lines: Line, tickets: tuple[Handed, ...] = (), **opinions: str) -> list[Finding]:
    said = [Said(f"{n}-0", NOON + timedelta(minutes=n), author, *rest) for n, (author, *rest) in enumerate(lines)]  # type: ignore[arg-type]
    talk = Talk(said, tickets, {name: (False, reason) for name, reason in opinions.items()})
    return findings_in(talk)


def ticket(reason: str, minute: float, *candidates: str) -> Handed:
    return Handed(NOON + timedelta(minutes=minute), reason, "obras", candidates)


def test_answered_question_is_not_in_the_backlog() -> None:
    assert read(asked(QUESTION), answer("bache"), asked("muchas gracias")) == []


def test_unknown_question_is_in_the_backlog() -> None:
    assert read(asked(QUESTION), fallback()) == [(QUESTION, Source.FALLBACK, ())]


def test_referral_is_in_the_backlog_where_the_agency_may_handle_its_matter() -> None:
    lines = (asked(QUESTION), ("assistant", "Lo ve el Registro Civil.", {"referral": "divorcio"}))
    said = [Said(f"{n}-0", NOON, author, text, data) for n, (author, text, data) in enumerate(lines)]
    assert findings_in(Talk(said)) == []
    [one] = findings_in(Talk(said), with_referrals=True)
    assert (one.text, one.source) == (QUESTION, Source.REFERRED)


@pytest.mark.parametrize("after", [[], [asked("me refiero al traje de huaso")], [pressed("none")]])
def test_offer_without_a_click_is_in_the_backlog(after: list[Line]) -> None:
    assert read(asked(QUESTION), offer("bache", "poda"), *after) == [(QUESTION, Source.UNCLICKED, ("bache", "poda"))]


def test_clicked_choice_is_a_label() -> None:
    assert read(asked(QUESTION), offer("bache", "poda"), pressed("poda")) == [(QUESTION, Source.CHOSEN, ("poda",))]


def test_doubt_about_an_offer_is_not_the_question_that_the_choice_labels() -> None:
    lines = (asked(QUESTION), offer("bache", "poda"), asked("la verdad no sé"), offer("bache", "poda"), pressed("poda"))
    assert read(*lines) == [(QUESTION, Source.CHOSEN, ("poda",))]


def test_answer_that_did_not_help_names_its_entry() -> None:
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


def test_handoff_for_lack_of_an_entry_names_the_likeliest_entries() -> None:
    handed = (ticket("low_confidence", 0.5, "bache", "poda"),)
    assert read(asked(QUESTION), tickets=handed) == [(QUESTION, Source.HANDED, ("bache", "poda"))]
    assert read(asked("quiero una persona"), tickets=(ticket("asked_human", 0.5),)) == []


@pytest.mark.parametrize(("reason", "said"), [("other", True), ("missing", True), ("", True), ("unclear", False)])
def test_answer_that_did_not_help_is_denied_unless_it_was_only_badly_written(reason: str, said: bool) -> None:
    assert denied(asked(QUESTION), answer("bache", "r"), r=reason) == {QUESTION: ("bache",) if said else ()}


def test_answer_that_was_corrected_is_denied() -> None:
    lines = (asked(QUESTION), answer("bache", "r"), asked("otra cosa del traje"), offer("poda"), pressed("poda"))
    assert denied(*lines, r="other") == {QUESTION: ("bache",), "otra cosa del traje": ()}


def test_answer_is_denied_also_when_the_message_was_handed_to_a_person() -> None:
    lines = (asked(QUESTION), answer("bache", "r"))
    assert denied(*lines, tickets=(ticket("none_of_these", 2),), r="other") == {QUESTION: ("bache",)}


def test_other_entry_of_staff_denies_the_answer_unless_the_citizen_called_it_useful() -> None:
    lines = (asked(QUESTION), answer("bache", "r"), answer("poda", author="staff"))
    assert denied(*lines) == {QUESTION: ("bache",)}
    said = [Said(f"{n}-0", NOON, author, *rest) for n, (author, *rest) in enumerate(lines)]  # type: ignore[arg-type]
    assert [one.denied for one in findings_in(Talk(said, (), {"r": (True, "")}))] == [()]
    assert denied(asked(QUESTION), answer("poda"), answer("poda", author="staff")) == {QUESTION: ()}
    later = (*lines[:2], asked("y la plaza está sucia"), answer("poda", author="staff"))
    assert denied(*later) == {"y la plaza está sucia": ()}


def test_entry_that_staff_then_answered_with_is_not_denied() -> None:
    lines = (asked(QUESTION), answer("bache", "r"), answer("bache", author="staff"))
    assert read(*lines, r="missing") == [(QUESTION, Source.STAFF, ("bache",))]
    assert denied(*lines, r="missing") == {QUESTION: ()}


@pytest.mark.parametrize("after", [[], [asked("no, no es eso")]])
def test_words_that_an_answer_was_not_it_deny_it_like_a_rating_and_are_no_question(after: list[Line]) -> None:
    lines = (asked(QUESTION), answer("bache"), asked("no era eso"), fallback(), *after)
    assert read(*lines) == read(*lines[:2], answer("bache", "r"), r="other") == [(QUESTION, Source.RATED, ("bache",))]
    assert denied(*lines) == {QUESTION: ("bache",)}
    handed = (ticket("none_of_these", 9, "bache"),)
    assert read(*lines, tickets=handed) == [(QUESTION, Source.HANDED, ("bache",))]
    assert denied(*lines, tickets=handed) == {QUESTION: ("bache",)}


def test_entry_of_staff_after_an_answer_that_was_not_it_labels_the_question() -> None:
    lines = (asked(QUESTION), answer("bache"), asked("no es lo que busco"), fallback(), pressed("person"))
    said = (*lines, answer("permiso", author="staff"))
    assert read(*said, tickets=(ticket("asked_human", 4.5),)) == [(QUESTION, Source.CORRECTED, ("permiso",))]
    assert denied(*said) == {QUESTION: ("bache",)}


def test_who_asks_otherwise_after_an_answer_that_was_not_it_denies_each_answer_of_its_question() -> None:
    again = (asked("el arriendo de trajes"), answer("poda"), asked("no era eso"))
    lines = (asked(QUESTION), answer("bache"), asked("no era eso"), fallback(), *again)
    assert denied(*lines) == {QUESTION: ("bache",), "el arriendo de trajes": ("poda",)}


@pytest.mark.parametrize("between", [("staff", "¿Es un traje de huaso?", {}), asked("y el horario del arriendo")])
def test_words_that_something_else_was_not_it_deny_no_answer(between: Line) -> None:
    assert denied(asked(QUESTION), answer("bache"), between, asked("no es lo que busco")) == {}


def test_conversation_with_a_danger_is_left_out() -> None:
    danger = ("assistant", "Llama al 132.", {"danger": {"kind": "medica", "sure": True}})
    assert read(asked(QUESTION), fallback(), asked("me duele el pecho"), danger) == []


def test_words_are_masked_and_single_words_left_out() -> None:
    (found,) = read(asked("llámenme al 9 8765 4321 por el traje"), fallback(), asked("traje"), fallback())
    assert found[0] == "llámenme al +56 9 •••• 4321 por el traje"
