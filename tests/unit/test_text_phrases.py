"""Tests which texts consist only of known phrases."""

from __future__ import annotations

import pytest

from bot.text.phrases import MAX_WORDS, Phrases

TALK = Phrases(("sí", "de acuerdo", "muchas gracias", "gracias", "muy amable"))


@pytest.mark.parametrize("text", ["SI", "Sí, de acuerdo", "de acuerdo, muchas gracias", "gracias... muy amable!!"])
def test_examples_one_after_another_are_small_talk(text: str) -> None:
    assert TALK.are_all_of(text)


@pytest.mark.parametrize("text", ["", "?!", "un acuerdo", "sí, un acuerdo de unión civil", "muchas", "acuerdo sí"])
def test_any_other_word_makes_it_a_message(text: str) -> None:
    assert not TALK.are_all_of(text)


def test_long_text_is_not_looked_at() -> None:
    assert TALK.are_all_of("sí " * MAX_WORDS)
    assert not TALK.are_all_of("sí " * (MAX_WORDS + 1))


def test_without_examples_nothing_is_small_talk() -> None:
    assert not Phrases(()).are_all_of("sí")
