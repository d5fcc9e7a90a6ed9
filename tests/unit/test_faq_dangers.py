"""Tests how a danger is found in a message and its parts, and which words say nothing about it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.core.texts import area
from bot.faq.answering.dangers import Dangers, names_no_matter, without_rejection
from bot.faq.answering.judgement import Judgement
from bot.faq.answering.parts import dangers_of_parts, parts_of
from bot.faq.ranking.risk import Danger
from bot.text.normalize import plain


@pytest.mark.parametrize(
    ("text", "rest"),
    [
        ("No me sirves, quiero una persona", "quiero una persona"),
        ("no sirves para nada. Dame una persona", "dame una persona"),
        ("mi marido dice que no sirves para nada, quiero una persona", ""),
        ("no sirvo para nada, quiero hablar con alguien", ""),
        ("no me sirves", ""),
    ],
)
def test_only_words_to_the_assistant_at_the_start_are_left_out(text: str, rest: str) -> None:
    assert without_rejection(text) == rest


def test_phrases_are_written_as_they_are_compared() -> None:
    assert [one for one in area("faq")["rechaza"] if plain(one) != one] == []


@pytest.mark.parametrize(
    "text",
    [
        "¿y hoy?",
        "la última",
        "y la última?",
        "El último.",
        "y mañana??",
        "la otra",
        "todas",
        "y oy?",
        "la 2",
        "y el lunes?",
    ],
)
def test_short_message_of_words_that_name_nothing_names_no_matter(text: str) -> None:
    assert names_no_matter(text)


@pytest.mark.parametrize(
    "text",
    [
        "la última vez",
        "hoy es la última noche",
        "y hoy se acaba",
        "hoy termina todo",
        "el último mensaje",
        "oy no amanesco",
        "mañana ya no",
        "ya no más",
        "y la última pastilla?",
        "hoy o nunca",
        "y yo?",
        "estoy sola hoy",
        "adiós a todos",
        "hoy sí",
        "para siempre",
        "el fin",
        "la otra y la otra y la otra",
        "",
        "👍",
        "133",
    ],
)
def test_word_of_an_end_a_farewell_or_a_person_is_never_a_word_that_names_nothing(text: str) -> None:
    assert not names_no_matter(text)


def test_words_that_name_nothing_are_written_as_they_are_compared() -> None:
    assert [one for one in area("faq")["sin_materia"] if plain(str(one)) != one] == []


FAREWELL, FAINT = Danger("suicidio", 0.3, 0.65), Danger("suicidio", 0.3, 0.45)


def judged_as(found: dict[str, Danger], text: str, *, asks_for_person: bool = False) -> Danger | None:
    """Returns the danger in ``text``; ``found`` is what the classifier finds in each part, and nothing else."""
    nothing, parts = Danger("gas", 0.0, 0.0), parts_of(text)
    dangers = [found.get(part, nothing) for part in parts]
    (in_part,) = dangers_of_parts([parts], dangers, lambda place: asks_for_person and parts[place] in found)
    judged = Judgement((), 0.0, None, danger=found.get(text, nothing), in_part=in_part)
    return Dangers(lambda _: judged).of(text, judged)


def test_danger_beside_another_matter_is_possible() -> None:
    found = judged_as(
        {"gracias por este último favor": FAREWELL}, "gracias por este último favor, ¿cómo saco el carnet?"
    )
    assert found and (found.kind, found.sure, found.possible(despite_answer=True)) == ("suicidio", False, True)


@pytest.mark.parametrize(
    ("danger", "part", "asks_for_person"),
    [
        (FAINT, "gracias por este último favor", False),  # told alone, it would be sure
        (FAREWELL, "gracias por este favor", False),
        (FAREWELL, "quiero hablar ya con alguien", True),
    ],
)
def test_faint_or_short_part_or_one_that_asks_for_a_person_is_no_danger(
    danger: Danger, part: str, asks_for_person: bool
) -> None:
    found = judged_as({part: danger}, f"{part}, ¿cómo saco el carnet?", asks_for_person=asks_for_person)
    assert found is None or not found.possible(despite_answer=False)


def test_each_message_gets_the_first_danger_of_its_own_parts() -> None:
    parts = [["una", "otra"], [], ["la tercera", "la cuarta"]]
    found = dangers_of_parts(parts, [FAINT, None, FAREWELL, replace(FAREWELL, kind="gas")], lambda place: place == 2)
    assert [one and one.kind for one in found] == [None, None, "gas"]


def test_message_of_one_part_has_no_parts() -> None:
    assert parts_of("¿cómo saco el carnet de identidad?") == []
    assert parts_of("hola, cómo saco el carnet de identidad") == ["cómo saco el carnet de identidad"]


def test_message_that_names_no_matter_is_no_danger_whatever_the_classifier_finds() -> None:
    assert judged_as({"y hoy?": FAREWELL}, "y hoy?") is None
    assert judged_as({"y hoy sí": FAREWELL}, "y hoy sí") == FAREWELL
