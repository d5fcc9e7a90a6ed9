"""Tests which words of a message reject the assistant and are left out of the search for a danger."""

from __future__ import annotations

import pytest

from bot.core.texts import area
from bot.faq.answering.rejection import without_rejection
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
