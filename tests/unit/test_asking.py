"""Tests which messages count as questions, with and without question marks."""

from __future__ import annotations

import pytest

from bot.text.asking import asks, begins_asking


@pytest.mark.parametrize(
    "text", ["que ay este finde", "y donde la devuelvo entonces", "pero cuanto sale", "entonces ke hago"]
)
def test_question_begins_with_a_question_word_or_goes_on_with_one(text: str) -> None:
    assert begins_asking(text)


@pytest.mark.parametrize("text", ["", "y", "buen finde", "y gracias por todo", "la devuelvo donde dijiste"])
def test_other_text_does_not_begin_as_a_question(text: str) -> None:
    assert not begins_asking(text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("si ya viene, quien paga la ambulancia", True),
        ("ya llegó. y cuánto falta", True),
        ("¿ok?", True),
        ("ya la anclé, gracias", False),
    ],
)
def test_text_asks_if_a_clause_does(text: str, expected: bool) -> None:
    assert asks(text) is expected
