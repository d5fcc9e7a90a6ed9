"""Tests the comparison of two texts word by word."""

from __future__ import annotations

import re
from html import unescape

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.desk.editing.comparing.words_diff import NEAR, words_diff

TEXT = st.lists(st.sampled_from(["uno", "dos", "<b>", "&", "ñandú", ".", "\n"]), max_size=12).map(" ".join)


def without(tag: str, html: str) -> str:
    return unescape(re.sub(r"</?\w+>", "", re.sub(rf"<{tag}>.*?</{tag}>", "", html, flags=re.DOTALL)))


def test_changed_words_are_marked_and_the_rest_is_not() -> None:
    assert words_diff("Son dos cuotas.", "Son tres cuotas.") == "Son <del>dos</del><ins>tres</ins> cuotas."
    assert words_diff("igual", "igual") == ""
    assert words_diff("", "<b>") == "<ins>&lt;b&gt;</ins>"


def test_unchanged_text_far_from_a_change_is_cut() -> None:
    html = words_diff("a " * 500 + "uno", "a " * 500 + "dos")
    assert len(html) < 2 * NEAR and html.startswith(" … ")


@given(TEXT, TEXT)
def test_both_texts_can_be_read_from_the_comparison(before: str, after: str) -> None:
    if html := words_diff(before, after):
        assert (without("ins", html), without("del", html)) == (before, after)


@pytest.mark.parametrize(
    ("before", "after", "shown"),
    [
        ("Vale $7.500.", "Vale $7.900.", "Vale <del>$7.500</del><ins>$7.900</ins>."),
        ("A las 10:00", "A las 10:30", "A las <del>10:00</del><ins>10:30</ins>"),
        ("Hasta el 30-04-2027", "Hasta el 30-04-2028", "Hasta el <del>30-04-2027</del><ins>30-04-2028</ins>"),
    ],
)
def test_amount_time_and_date_are_one_word(before: str, after: str, shown: str) -> None:
    assert words_diff(before, after) == shown
