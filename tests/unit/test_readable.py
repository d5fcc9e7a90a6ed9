"""Tests that characters that cannot be displayed or stored are removed, at any position in a message."""

from __future__ import annotations

from bot.conversation.readable import readable, readable_in


def test_control_characters_and_lone_surrogates_are_removed() -> None:
    assert readable("a\x00b\ud800c\n\td\x7f") == "abc\n\td"


def test_strings_inside_of_a_value_are_cleaned() -> None:
    assert readable_in({"text": "a\x00", "parts": ["b\x01", 2, None], "place": {"title": "\x02"}}) == {
        "text": "a",
        "parts": ["b", 2, None],
        "place": {"title": ""},
    }
