"""Tests which texts choose an option by its place."""

from __future__ import annotations

import pytest

from bot.text.ordinals import place_named
from tests.rows import each_row


@each_row(
    ("text", "place"),
    [
        ("la primera", 1),
        ("El 2º", 2),
        ("la 3ra porfa", 3),
        ("opción dos, por favor", 2),
        ("no, quiero la segunda opción", 2),
        ("la número 4", 4),
        ("tres", 3),
        ("3 porfis", 3),
        ("la segundaa", 2),
        ("la sexta", 6),
        ("la 8va opción", 8),
        ("No; la primera", 1),
        ("no mejor la tercera", 3),
    ],
)
def test_place_is_named_in_words_or_digits(text: str, place: int) -> None:
    assert place_named(text) == place


@each_row(
    "text",
    [
        "la segunda cuota",
        "primero",
        "cuarto",
        "el segundo piso",
        "dos hijos",
        "la última cuota",
        "sí",
        "no",
        "la 14",
        "",
    ],
)
def test_words_about_anything_else_name_no_place(text: str) -> None:
    assert place_named(text) is None


@pytest.mark.parametrize(
    "text",
    [
        "no quiero la primera",
        "no es la segunda",
        "no me refiero a la 2",
        "no la primera",
        "no, no quiero la 1",
        "la 1 no",
    ],
)
def test_refused_place_is_not_chosen(text: str) -> None:
    assert not place_named(text)


@pytest.mark.parametrize(
    "text",
    [
        "la última",
        "la de arriba",
        "no quiero la 1",
        "las dos por favor",
        "la 2 y la 3",
        "quiero la primera o la segunda",
        "la otra",
    ],
)
def test_places_that_choose_no_single_option_are_named_unclearly(text: str) -> None:
    assert place_named(text) == 0
