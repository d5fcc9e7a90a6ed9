"""Tests the numbers of complaints and the words that the dialogue understands."""

from __future__ import annotations

import pytest
from stdnum import verhoeff

from bot.handoff.complaints.form import Step
from bot.handoff.complaints.numbers import has_number, new_number, number_in
from bot.handoff.complaints.words import asks_state, is_question, means, part_named


def test_new_numbers_have_their_check_digit() -> None:
    made = {new_number() for _ in range(200)}
    assert len(made) > 190
    assert all(verhoeff.is_valid(one.replace("-", "")) and number_in(one) == one for one in made)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("¿cómo va mi reclamo 179-610?", "179-610"),
        ("179610", "179-610"),
        ("reclamo 179 610", "179-610"),
        ("es el n°179–610.", "179-610"),
        ("179-611", ""),
        ("971-610", ""),
        ("12.179.610-5", ""),
        ("+56 9 8179 6100", ""),
        ("1179-6100", ""),
    ],
)
def test_only_numbers_with_the_right_check_digit_are_found(text: str, found: str) -> None:
    assert number_in(text) == found


def test_every_single_wrong_digit_and_every_swap_of_neighbours_is_noticed() -> None:
    digits = new_number().replace("-", "")
    wrong = {digits[:at] + str(other) + digits[at + 1 :] for at in range(6) for other in range(10)} - {digits}
    swapped = {digits[:at] + digits[at + 1] + digits[at] + digits[at + 2 :] for at in range(5)} - {digits}
    assert [one for one in wrong | swapped if number_in(one)] == []
    assert all(has_number(one) for one in wrong | swapped)


@pytest.mark.parametrize(
    "text",
    ["¿cómo va mi reclamo?", "en que va mi reclamo 179-610", "hay novedades de mi denuncia?", "ESTADO RECLAMO 179-610"],
)
def test_questions_about_a_state_are_recognized(text: str) -> None:
    assert asks_state(text)


@pytest.mark.parametrize(
    "text",
    [
        "quiero hacer un reclamo",
        "¿cómo va la cosa?",
        "reclamo porque el estado de la plaza es un asco y nadie viene a limpiar desde hace ya tres semanas",
        "¿dónde hago un reclamo?",
    ],
)
def test_other_messages_about_complaints_are_not(text: str) -> None:
    assert not asks_state(text)


@pytest.mark.parametrize(
    "text",
    [
        "¿a qué hora abren?",
        "a que hora abren",
        "como saco hora",
        "Cuánto cuesta?",
        "ah pero cómo pido hora",
        "ya y cuanto demora",
    ],
)
def test_questions_are_distinguished_from_answers(text: str) -> None:
    assert is_question(text)


@pytest.mark.parametrize(
    "text",
    [
        "Cuando llueve se inunda la calle.",
        "Av. Prat 123",
        "No pasó el camión",
        "que",
        "y cuando llegué ya no había nadie",
    ],
)
def test_answers_are_no_questions(text: str) -> None:
    assert not is_question(text)


def test_words_have_the_accents_and_signs_that_people_type() -> None:
    assert means("cancelar", "  ¡Cancelar! ")
    assert means("saltar", "No aplica.")
    assert means("saltar", "no")
    assert means("corregir", "No")
    assert means("enviar", "Sí")
    assert part_named("Dónde") is Step.WHERE
    assert part_named("nada de eso") is None
